import test from 'ava';
import type { AudioProfile } from '#shared/ipc/control.ts';
import { parseDescriptors } from '#shared/mpegts/descriptors.ts';
import type { PmtStream } from '#shared/mpegts/pmt.ts';
import type { AudioCodec } from '#shared/mpegts/stream-type.ts';
import { asPid, asStreamType, type Pid } from '#shared/mpegts/types.ts';
import { descriptor } from '#test/helpers/ts-builder.ts';
import { planTracks } from '#transcoder/remux/track-plan.ts';

const PROFILE: AudioProfile = {
  mode: 'aac',
  bitrate: 192_000,
  channels: 'stereo',
  language: null,
  loudness: false,
  night: false,
};

const lang = (...contents: (string | number)[]): Buffer => descriptor(0x0a, ...contents);
const AC3 = descriptor(0x6a, 0);
const EAC3 = descriptor(0x7a, 0);

/** PIDs count from 0x100. */
function pmt(...streams: readonly (readonly [type: number, ...loops: Buffer[]])[]): PmtStream[] {
  return streams.map(([type, ...loops], index) => {
    const bytes = Buffer.concat(loops);
    return {
      streamType: asStreamType(type),
      pid: asPid(0x100 + index),
      descriptors: parseDescriptors(bytes, 0, bytes.length),
    };
  });
}

type Case = readonly [name: string, streams: PmtStream[], profile: Partial<AudioProfile>, expected: readonly string[]];

const ARD = pmt(
  [0x1b],
  [0x03, lang('deu', 0)],
  [0x03, lang('mis', 0)],
  [0x06, AC3, lang('deu', 0)],
  [0x06, descriptor(0x56)],
  [0x05],
);
const ARTE = pmt(
  [0x1b],
  [0x06, EAC3, lang('fre', 0)],
  [0x06, EAC3, lang('ger', 0)],
  [0x06, EAC3, lang('fre', 3)],
  [0x06, EAC3, lang('qad', 0)],
);
const ALL = pmt(
  [0x1b],
  [0x04],
  [0x81],
  [0x87],
  [0x0f],
  [0x11],
  [0x06, descriptor(0x7c, 0)],
  [0x06, descriptor(0x7b, 0)],
  [0x06, descriptor(0x05, 'AC-3')],
  [0x06, descriptor(0x05, 'Opus')],
);

/** Expected: an action per stream. */
const CASES: readonly Case[] = [
  ['every track becomes AAC', ARD, {}, ['pass', 'aac', 'aac', 'aac', 'pass', 'pass']],
  ['all stays', ARD, { mode: 'pass' }, ['pass', 'pass', 'pass', 'pass', 'pass', 'pass']],
  ['AC-3 is kept behind AAC', ARD, { mode: 'aac-first' }, ['pass', 'aac', 'aac', 'add', 'pass', 'pass']],
  [
    'by type, descriptor or registration; DTS and what is unknown passes, AAC passes',
    ALL,
    {},
    ['pass', 'aac', 'aac', 'aac', 'pass', 'aac', 'aac', 'pass', 'aac', 'pass'],
  ],
  [
    'surround codecs are kept, the others not',
    ALL,
    { mode: 'aac-first' },
    ['pass', 'aac', 'add', 'add', 'pass', 'aac', 'aac', 'pass', 'add', 'pass'],
  ],
  ['loudness reaches AAC too', pmt([0x0f]), { loudness: true }, ['aac']],
  ['night mode reaches AAC too', pmt([0x0f]), { night: true }, ['aac']],
  ['but not where all stays', pmt([0x0f]), { loudness: true, mode: 'pass' }, ['pass']],
  ['one language', ARD, { language: 'mis' }, ['pass', 'drop', 'aac', 'drop', 'pass', 'pass']],
  ['the first of two tracks of a language', ARD, { language: 'deu' }, ['pass', 'aac', 'drop', 'drop', 'pass', 'pass']],
  ['either code of a language', ARTE, { language: 'deu' }, ['pass', 'drop', 'aac', 'drop', 'drop']],
  ['tracks for everybody first', ARTE, { language: 'fra' }, ['pass', 'aac', 'drop', 'drop', 'drop']],
  ['its audio description', ARTE, { language: 'fra-ad' }, ['pass', 'drop', 'drop', 'aac', 'drop']],
  [
    'no audio description of it: the plain track',
    ARTE,
    { language: 'deu-ad' },
    ['pass', 'drop', 'aac', 'drop', 'drop'],
  ],
  ['a language nobody speaks: all stay', ARTE, { language: 'jpn' }, ['pass', 'aac', 'aac', 'aac', 'aac']],
  [
    'one language, and AC-3 kept',
    ARTE,
    { language: 'deu', mode: 'aac-first' },
    ['pass', 'drop', 'add', 'drop', 'drop'],
  ],
  ['one language where all stays', ARTE, { language: 'deu', mode: 'pass' }, ['pass', 'drop', 'pass', 'drop', 'drop']],
  [
    'a language of subtitles is none of sound',
    pmt([0x06, descriptor(0x59), lang('jpn', 0)], [0x03, lang('deu', 0)]),
    { language: 'jpn' },
    ['pass', 'aac'],
  ],
  [
    'the language of a DTS track',
    pmt([0x03, lang('deu', 0)], [0x06, descriptor(0x7b, 0), lang('eng', 0)]),
    { language: 'eng' },
    ['drop', 'pass'],
  ],
];

for (const [name, streams, profile, expected] of CASES) {
  test(`actions: ${name}`, (t) => {
    const plans = planTracks(streams, { ...PROFILE, ...profile }, new Map());
    t.deepEqual(
      plans.map(({ action }) => action),
      expected,
    );
    t.deepEqual(
      plans.map(({ stream }) => stream),
      streams,
    );
  });
}

test('what was found by looking counts for more than the PMT', (t) => {
  const codecs = new Map<Pid, AudioCodec>([
    [asPid(0x100), 'ac3'],
    [asPid(0x101), 'aac-adts'],
  ]);
  const plans = planTracks(pmt([0x06], [0x03], [0x06]), { ...PROFILE, mode: 'aac-first' }, codecs);
  t.deepEqual(
    plans.map(({ kind, action }) => [kind, action]),
    [
      [{ kind: 'audio', codec: 'ac3' }, 'add'],
      [{ kind: 'audio', codec: 'aac-adts' }, 'pass'],
      [{ kind: 'other' }, 'pass'],
    ],
  );
});

test('role and language are told of audio, and of nothing else', (t) => {
  const plans = planTracks(ARTE, PROFILE, new Map());
  t.deepEqual(
    plans.map(({ role, language }) => [role, language]),
    [
      [null, null],
      ['main', 'fre'],
      ['main', 'ger'],
      ['audio-description', 'fre'],
      ['audio-description', 'qad'],
    ],
  );
});

test('dual mono: the first channel, unless the second language is the one that was asked for', (t) => {
  const bilingual = pmt([0x03, lang('deu', 0, 'eng', 0)]);
  const choice = (streams: PmtStream[], language: string | null) => {
    const [plan] = planTracks(streams, { ...PROFILE, language }, new Map());
    return [plan?.dualMono, plan?.language];
  };
  t.deepEqual(choice(bilingual, null), ['first', 'deu']);
  t.deepEqual(choice(bilingual, 'deu'), ['first', 'deu']);
  t.deepEqual(choice(bilingual, 'eng'), ['second', 'eng']);
  t.deepEqual(choice(pmt([0x03, lang('deu', 0)]), null), [null, 'deu'], 'MPEG audio says dual channel by mistake');
  t.deepEqual(choice(pmt([0x03, lang('ger', 0, 'deu', 0)]), null), [null, 'ger'], 'one language by two names');
  t.deepEqual(choice(pmt([0x06, AC3, lang('deu', 0)]), null), ['first', 'deu'], 'AC-3 means it');
});
