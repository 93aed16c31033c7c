import test from 'ava';
import { frequencyOf, mapChannels, placeOf, programOf } from '#daemon/hdhomerun/channel-map.ts';
import { channel } from '../support/channels.ts';

test('channels of one transponder share a place, IPTV has none', (t) => {
  const iptv = channel(9, { kind: 'iptv', transponder: null, id: 'iptv-abc' });
  const channels = [channel(1), channel(2), channel(3, { transponder: 'c00000:3f3:1' }), iptv];
  const map = mapChannels(channels);
  t.is(map.name, 'eu-bcast');
  t.deepEqual(
    [...map.transponders.values()].map(({ channelNumber, frequency, channels: of }) => [
      channelNumber,
      frequency,
      of.length,
    ]),
    [
      [21, 474_000_000, 1],
      [22, 482_000_000, 2],
    ],
  );
  t.is(placeOf(map, channels[0] ?? iptv)?.frequency, 482_000_000);
  t.is(placeOf(map, iptv), null);
});

test('the same transponders get the same places, whatever the order of the channels', (t) => {
  const channels = Array.from({ length: 30 }, (_, index) => channel(index, { transponder: `c00000:${index}:1` }));
  const places = (of: typeof channels) => [...mapChannels(of).transponders.values()].map(({ key }) => key);
  t.deepEqual(places(channels), places(channels.toReversed()));
});

test('more transponders than the map has places make it another map, in which they all have one', (t) => {
  const channels = Array.from({ length: 300 }, (_, index) => channel(index, { transponder: `c00000:${index}:1` }));
  const map = mapChannels(channels);
  t.is(map.name, 'eu-cable');
  t.is(map.transponders.size, 300);
});

test('a frequency is named in Hz, with a modulation, or as a channel of the map', (t) => {
  const map = mapChannels([channel(1)]);
  for (const text of ['474000000', 'auto:474000000', 'auto8t:474000000', 't8qam64:474000000', 'auto:21', '21']) {
    t.is(frequencyOf(map, text), 474_000_000, text);
  }
  t.is(frequencyOf(map, 'auto:5'), 177_500_000);
  for (const text of ['', 'auto:', 'auto:20', 'x y:21', '1e6', '-5', '99999999999', 'auto:474000000:1']) {
    t.is(frequencyOf(map, text), null, text);
  }
});

test('the programme number is the service id; IPTV has none', (t) => {
  t.is(programOf(channel(255)), 255);
  t.is(programOf(channel(1, { kind: 'iptv', id: 'iptv-1-2-3' })), null);
});
