import test from 'ava';
import {
  channelForVirtualNumber,
  discoverAnswer,
  lineupAnswer,
  lineupStatusAnswer,
} from '#daemon/hdhomerun/answers.ts';
import { deriveDeviceId } from '#daemon/hdhomerun/device-id.ts';
import { channel } from '../support/channels.ts';
import { readSharedData } from '../support/shared-data.ts';

const identity = { deviceId: deriveDeviceId('x') };

test('discover.json has the types of a real device', (t) => {
  const data = readSharedData(t, 'hdhomerun/jellyfin-192.168.1.182-discover.json');
  if (data === null) return;
  const real = JSON.parse(data.toString('utf8')) as Record<string, unknown>;
  const ours = { ...discoverAnswer({ name: 'xg2g', identity, tunerCount: 4, baseUrl: 'http://x:8080' }) } as Record<
    string,
    unknown
  >;
  for (const [key, value] of Object.entries(real)) {
    if (key !== 'ConditionalAccess') t.is(typeof ours[key], typeof value, key);
  }
  t.is(ours['TunerCount'], 4);
  t.is(ours['LineupURL'], 'http://x:8080/lineup.json');
});

test('no client is led to append ?transcode=', (t) => {
  t.notRegex(discoverAnswer({ name: 'x', identity, tunerCount: 1, baseUrl: 'http://x' }).ModelNumber, /hdtc/i);
});

test('the lineup has string numbers, HD as the number 1 or absent, and URLs without query', (t) => {
  t.deepEqual(lineupAnswer([channel(1), channel(2, { definition: 'sd' })], 'http://x'), [
    { GuideNumber: '1', GuideName: 'Channel 1', HD: 1, URL: 'http://x/auto/v1' },
    { GuideNumber: '2', GuideName: 'Channel 2', URL: 'http://x/auto/v2' },
  ]);
});

test('no scan is going on', (t) => {
  t.like(lineupStatusAnswer({ running: false, progress: 100, found: 3 }), { ScanInProgress: 0, Source: 'Antenna' });
});

test('a virtual number finds its channel, with and without its letter', (t) => {
  const lineup = { byNumber: (number: number) => (number === 12 ? channel(12) : null) };
  t.is(channelForVirtualNumber('v12', lineup)?.number, 12);
  t.is(channelForVirtualNumber('12', lineup)?.number, 12);
  for (const text of ['v13', 'v', '', 'v12.1', 'ch12', 'v1e1', 'v99999999999'])
    t.is(channelForVirtualNumber(text, lineup), null);
});
