import test from 'ava';
import type { Channel } from '#daemon/lineup/channel.ts';
import { type NeighbourInput, neighbours } from '#daemon/streams/pretune/neighbours.ts';
import type { Lease } from '#daemon/tuners/state.ts';
import { box, picture, service, viewer } from '#test/daemon/tuners/support/boxes.ts';

/** `A1` is service 1 of transponder A; in small letters it is radio. */
function channel(name: string, index: number): Channel {
  const { id, transponder } = service(name.toUpperCase());
  return {
    id,
    ref: name,
    name,
    number: index + 1,
    group: '',
    groups: [],
    radio: name === name.toLowerCase(),
    kind: 'dvb',
    transponder,
    definition: null,
    provider: null,
    alternatives: [],
  };
}

const LINEUP = ['A1', 'A2', 'A3', 'B1', 'a4', 'A5', 'a6'].map(channel);

function lease(name: string, viewers = ['somebody']): Lease {
  return {
    id: name,
    service: service(name),
    box: 'one',
    viewers: viewers.map((one) => viewer(one)),
    sinceMs: 0,
    collision: null,
  };
}

function kept(watched: readonly string[], more: Partial<NeighbourInput> = {}): string[] {
  const input: NeighbourInput = {
    state: { boxes: [box('one', { picture: picture() })], leases: watched.map((name) => lease(name)), ended: [] },
    channels: LINEUP,
    watched: watched.map((name) => service(name).id),
    ownViewer: (id) => id.startsWith('own'),
    isFree: () => true,
    maxChannels: 4,
    maxStreamsPerBox: 5,
    ...more,
  };
  return neighbours(input).map(({ channel: { name } }) => name);
}

test('the next and the previous of a transponder are kept ready, the next one first', (t) => {
  t.deepEqual(kept(['A2']), ['A3', 'A1']);
});

test('one on another transponder is not: it would take a tuner', (t) => {
  t.deepEqual(kept(['A3']), ['A2']);
  t.deepEqual(kept(['B1']), []);
});

test('the ends of the lineup are neighbours, and radio is no neighbour of television', (t) => {
  t.deepEqual(kept(['A1']), ['A2', 'A5']);
  t.deepEqual(kept(['A4']), ['a6']);
});

test('what costs something is left', (t) => {
  t.deepEqual(kept(['A2'], { isFree: ({ name }) => name !== 'A3' }), ['A1']);
});

test('a channel that is watched is nobody’s neighbour, and nothing is kept twice', (t) => {
  t.deepEqual(kept(['A1', 'A3']), ['A2', 'A5']);
});

test('a box gets no more streams than it is known to bear, those of others counted, our own not', (t) => {
  const others = [service('C1'), service('C2'), service('C3')];
  const state = (leases: readonly Lease[]): NeighbourInput['state'] => ({
    boxes: [box('one', { picture: picture({ streams: others }) })],
    leases,
    ended: [],
  });
  t.deepEqual(kept(['A2'], { state: state([lease('A2')]) }), ['A3']);
  t.deepEqual(kept(['A2'], { state: state([lease('A2'), lease('A3', ['own'])]) }), ['A3'], 'it stays');
  t.deepEqual(kept(['A2'], { state: state([lease('A2'), lease('B1')]) }), []);
});
