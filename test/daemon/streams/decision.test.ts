import test from 'ava';
import { ChannelMemory } from '#daemon/streams/channel-memory.ts';
import { clientKind, clientName } from '#daemon/streams/client-kind.ts';
import { Decider } from '#daemon/streams/decision.ts';
import { ProfileBook } from '#daemon/streams/profiles.ts';
import { STREAM_AAC_ADTS, STREAM_H264, STREAM_MPEG1_AUDIO } from '#shared/mpegts/stream-type.ts';
import type { Pid, StreamType } from '#shared/mpegts/types.ts';

const profiles = new ProfileBook({ bitrate: 192_000, custom: {}, defaultProfile: 'aac' });
const pmt = (...types: StreamType[]) => ({
  streams: types.map((streamType, index) => ({ streamType, pid: (100 + index) as Pid, descriptors: [] })),
});

function decider(defaultProfile = 'auto') {
  const memory = new ChannelMemory();
  memory.see('adts', pmt(STREAM_H264, STREAM_AAC_ADTS));
  memory.see('mixed', pmt(STREAM_H264, STREAM_AAC_ADTS, STREAM_MPEG1_AUDIO));
  return new Decider({ profiles, defaultProfile, memory });
}

const CLIENTS: readonly (readonly [string, string | null, string])[] = [
  ['Kodi/21.0 (X11; Linux x86_64) App_Bitness/64', 'Kodi', 'pass'],
  ['VLC/3.0.20 LibVLC/3.0.20', 'VLC', 'pass'],
  ['mpv 0.38.0', 'mpv', 'pass'],
  ['TVHeadend/4.3-2180', 'Tvheadend', 'pass'],
  ['PlexMediaServer/1.40', 'Plex', 'aac'],
  ['Jellyfin-Server/10.9', 'Jellyfin', 'aac'],
  ['Lavf/60.16.100', 'an ffmpeg program', 'aac'],
  ['AppleCoreMedia/1.0.0 (Apple TV; U; CPU OS 17_0 like Mac OS X)', 'an Apple player', 'aac'],
  ['TiviMate/4.7.0 (Android 11)', 'an Android player', 'aac'],
  ['Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0', 'a browser', 'aac'],
  ['something of its own', null, 'aac'],
];
for (const [userAgent, name, profile] of CLIENTS) {
  test(`with profile auto, "${userAgent}" is ${name ?? 'unknown'} and gets ${profile}`, (t) => {
    t.is(clientKind(userAgent)?.name ?? null, name);
    const decision = decider().decide({}, userAgent, 'unseen');
    t.is(decision.variant.profile, profile);
    t.true(decision.why.includes(name ?? 'not known'));
  });
}

const CASES: readonly (readonly [string, string, Record<string, string>, string, string, RegExp])[] = [
  ['the address wins over the client', 'auto', { profile: 'aac' }, 'Kodi/21.0', 'unseen', /^aac: the address asks/],
  [
    'without auto everybody gets the configured one',
    'night',
    {},
    'Kodi/21.0',
    'unseen',
    /^night: .*streams\.profile is night/,
  ],
  [
    'auto can be asked for by the address',
    'aac',
    { profile: 'auto' },
    'Kodi/21.0',
    'unseen',
    /^pass: the client is Kodi/,
  ],
  [
    'a channel that was all AAC needs no transcoder',
    'auto',
    {},
    'Mozilla/5.0',
    'adts',
    /^pass: all sound of this channel was AAC/,
  ],
  ['one with MP2 beside it does', 'auto', {}, 'Mozilla/5.0', 'mixed', /^aac: the client is a browser/],
  [
    'who asks for a language gets the transcoder',
    'auto',
    { audio: 'deu' },
    'Kodi/21.0',
    'unseen',
    /^aac: the address asks for audio/,
  ],
];
for (const [title, defaultProfile, wishes, userAgent, channel, expected] of CASES) {
  test(`profile: ${title}`, (t) => {
    const { variant, why } = decider(defaultProfile).decide(wishes, userAgent, channel);
    t.regex(`${variant.profile}: ${why}`, expected);
  });
}

test('an unknown profile is refused as ever', (t) => {
  t.throws(() => decider().decide({ profile: 'nonsense' }, null, 'unseen'), { code: 'PROFILE_UNKNOWN' });
});

test('viewers are named by player and address', (t) => {
  t.is(clientName('Kodi/21.0', '192.168.1.5'), 'Kodi at 192.168.1.5');
  t.is(clientName(null, '192.168.1.5'), 'a player at 192.168.1.5');
});
