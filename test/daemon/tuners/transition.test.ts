import test from 'ava';
import { nextDueMs } from '#daemon/tuners/transition.ts';
import { refusalText } from '#daemon/tuners/words.ts';
import { box, Machine, MINUTE, NOW, picture, service, timer, viewer } from './support/boxes.ts';

test('six channels on two transponders need two tuners; a seventh on a third is refused', (t) => {
  const machine = new Machine();
  machine.see({ tunerCount: 2 });
  t.deepEqual(machine.ask('A1'), ['+A1@one free']);
  t.deepEqual(machine.ask('A2'), ['+A2@one shared']);
  t.deepEqual(machine.ask('A3'), ['+A3@one shared']);
  t.deepEqual(machine.ask('B1'), ['+B1@one free']);
  t.deepEqual(machine.ask('B2'), ['+B2@one shared']);
  t.deepEqual(machine.ask('B3'), ['+B3@one shared']);
  t.deepEqual(machine.ask('C1'), ['!C1 full']);
  t.is(machine.leases.length, 6);
});

test('before the box has told anything, what is asked for is granted: the box judges', (t) => {
  const machine = new Machine();
  for (const name of ['A1', 'B1', 'C1']) t.deepEqual(machine.ask(name), [`+${name}@one free`]);
});

test('what nobody watches any more gives way to anybody, what is watched to nobody of its rank', (t) => {
  const machine = new Machine();
  machine.see({ tunerCount: 1 });
  machine.ask('A1');
  t.deepEqual(machine.ask('B1'), ['!B1 full']);
  machine.leave('A1');
  t.deepEqual(machine.ask('B1', 'background'), ['-A1 viewer', '+B1@one preempted']);
  t.deepEqual(machine.leases, ['B1@one']);
});

test('background gives way to interactive, interactive to a recording, and none upwards', (t) => {
  const machine = new Machine();
  machine.see({ tunerCount: 1 });
  machine.ask('A1', 'background');
  t.deepEqual(machine.ask('B1'), ['-A1 viewer', '+B1@one preempted']);
  t.deepEqual(machine.ask('C1', 'background'), ['!C1 full']);
  t.deepEqual(machine.ask('D1', 'recording'), ['-B1 viewer', '+D1@one preempted']);
  t.deepEqual(machine.ask('E1'), ['!E1 full']);
});

test('of several that could give way it is one transponder: the lowest rank, the fewest viewers', (t) => {
  const machine = new Machine();
  machine.see({ tunerCount: 3 });
  machine.ask('A1', 'background');
  machine.ask('A2'); // makes transponder A interactive
  machine.ask('B1', 'background');
  machine.apply({ kind: 'viewers', id: 'B1', viewers: [viewer('x', 'background'), viewer('y', 'background')] });
  machine.ask('C1', 'background');
  t.deepEqual(machine.ask('D1'), ['-C1 viewer', '+D1@one preempted']);
  t.deepEqual(machine.ask('E1'), ['-B1 viewer', '+E1@one preempted']);
  t.deepEqual(machine.ask('F1'), ['!F1 full']);
});

test('an interactive viewer who joins raises a background lease', (t) => {
  const machine = new Machine();
  machine.see({ tunerCount: 1 });
  machine.ask('A1', 'background');
  machine.apply({ kind: 'viewers', id: 'A1', viewers: [viewer('dvr', 'background'), viewer('Kodi')] });
  t.deepEqual(machine.ask('B1'), ['!B1 full']);
  machine.apply({ kind: 'viewers', id: 'A1', viewers: [viewer('dvr', 'background')] });
  t.deepEqual(machine.ask('B1'), ['-A1 viewer', '+B1@one preempted']);
});

test('television, recordings and other readers of the box hold their tuners against every request', (t) => {
  const uses: Parameters<Machine['see']>[0][] = [
    { television: { ...service('A1'), hasTuner: true }, busyTuners: 1 },
    { recordings: [timer('A1', { beginMs: NOW - MINUTE })], busyTuners: 1 },
    { streams: [service('A1')], busyTuners: 1 },
    { busyTuners: 1 },
  ];
  for (const use of uses) {
    const machine = new Machine();
    machine.see({ tunerCount: 1, ...use });
    t.deepEqual(machine.ask('B1', 'recording'), ['!B1 full']);
  }
});

test('the transponder of television, recording or another reader costs no tuner', (t) => {
  const machine = new Machine();
  machine.see({ tunerCount: 1, television: { ...service('A1'), hasTuner: true }, busyTuners: 1 });
  t.deepEqual(machine.ask('A2'), ['+A2@one shared']);
  t.deepEqual(machine.leases, ['A2@one']);
});

test('our own streams in what the box tells are not counted as those of others, nor just after their end', (t) => {
  const machine = new Machine();
  machine.see({ tunerCount: 1 });
  machine.ask('A1');
  machine.see({ tunerCount: 1, streams: [service('A1')], busyTuners: 1 });
  machine.end('A1');
  t.deepEqual(machine.ask('B1'), ['+B1@one free']);
  machine.end('B1');
  machine.nowMs += 2_000;
  machine.see({ tunerCount: 1, streams: [service('B1')], busyTuners: 1 });
  t.deepEqual(machine.ask('C1'), ['+C1@one free'], 'the box has not noticed yet that we left');
  machine.end('C1');
  machine.nowMs += 60_000;
  machine.see({ tunerCount: 1, streams: [service('C1')], busyTuners: 1 });
  t.deepEqual(machine.ask('D1'), ['!D1 full'], 'now it is somebody else');
});

test('what was ours when the box told of it stays ours while that answer is used again', (t) => {
  const machine = new Machine();
  machine.see({ tunerCount: 2 });
  machine.ask('A1');
  machine.ask('B1');
  const told = { tunerCount: 2, streams: [service('A1'), service('B1')], busyTuners: 2, tunersAtMs: machine.nowMs + 1 };
  machine.see(told);
  machine.end('B1');
  machine.nowMs += 60_000;
  machine.see(told);
  t.deepEqual(machine.ask('C1'), ['+C1@one free'], 'the answer of a minute ago does not make B1 somebody else');
});

test('a tuner left just now is marked, so that the box gets a moment', (t) => {
  const machine = new Machine();
  machine.see({ tunerCount: 1 });
  const justFreed = (): boolean => machine.lastActions.some((action) => action.kind === 'granted' && action.justFreed);
  machine.ask('A1');
  t.false(justFreed());
  machine.end('A1');
  machine.ask('B1');
  t.true(justFreed());
  machine.end('B1');
  machine.nowMs += 2_000;
  machine.ask('C1');
  t.false(justFreed());
});

test('where we count no free tuner but the box says it has one, the box is believed', (t) => {
  const machine = new Machine();
  machine.see({ tunerCount: 1, busyTuners: 1 });
  t.deepEqual(machine.ask('B1', 'interactive', { playable: ['one'] }), ['+B1@one box-says-so']);
});

test('a channel whose way of broadcast no tuner receives is refused as such', (t) => {
  const machine = new Machine();
  machine.see({ tunerCount: 2 });
  t.deepEqual(machine.ask('cable:A1'), ['!cable:A1 no-such-tuner']);
});

test('a service that is no broadcast needs no tuner', (t) => {
  const machine = new Machine();
  machine.see({ tunerCount: 1, busyTuners: 1 });
  const internet = { id: 'iptv-1', name: 'Web TV', transponder: null };
  t.deepEqual(
    machine.apply({ kind: 'request', request: { id: 'x', service: internet, boxes: ['one'], viewers: [] } }),
    ['+x@one no-tuner-needed'],
  );
});

test('a timer warns those whose tuner it will take, and ends the background one first, in time', (t) => {
  const machine = new Machine();
  const beginMs = NOW + 15 * MINUTE;
  machine.ask('A1');
  machine.ask('B1', 'background');
  t.deepEqual(machine.see({ tunerCount: 2, upcoming: [timer('C1', { beginMs })] }), ['?B1 Film on C1']);
  const due = nextDueMs(machine.state);
  t.is(due, beginMs - 25_000, 'before the box takes a tuner for it, 20 s before it begins');
  t.deepEqual(machine.tick((due ?? 0) - NOW - 1), []);
  t.deepEqual(machine.tick(1), ['-B1 timer']);
  t.deepEqual(machine.leases, ['A1@one']);
  t.deepEqual(machine.ask('D1'), ['!D1 full'], 'the tuner is kept for the timer');
  t.deepEqual(machine.ask('C2'), ['+C2@one shared'], 'its own transponder is free for all');
});

test('a timer on a transponder that is received anyway disturbs nobody', (t) => {
  const machine = new Machine();
  machine.ask('A1');
  machine.ask('B1');
  const beginMs = NOW + MINUTE;
  t.deepEqual(machine.see({ tunerCount: 2, upcoming: [timer('A2', { beginMs })] }), []);
  t.deepEqual(machine.tick(MINUTE), []);
  t.is(machine.leases.length, 2);
});

test('a warning goes when the timer goes, or when another leaves', (t) => {
  const machine = new Machine();
  machine.ask('A1');
  machine.nowMs += 1;
  machine.ask('B1');
  const upcoming = [timer('C1', { beginMs: NOW + 30 * MINUTE })];
  t.deepEqual(machine.see({ tunerCount: 2, upcoming }), ['?B1 Film on C1'], 'the younger of the two');
  t.deepEqual(machine.end('A1'), ['?B1 clear']);
  machine.nowMs += 1;
  machine.ask('A1');
  t.not(nextDueMs(machine.state), null);
  t.deepEqual(machine.see({ tunerCount: 2, upcoming: [] }), ['?A1 clear'], 'the younger of the two');
  t.is(nextDueMs(machine.state), null);
});

test('a recording that ends before the timer begins leaves its tuner to it', (t) => {
  const machine = new Machine();
  machine.ask('A1');
  const recordings = [timer('B1', { beginMs: NOW - MINUTE, endMs: NOW + 5 * MINUTE })];
  const upcoming = [timer('C1', { beginMs: NOW + 10 * MINUTE })];
  t.deepEqual(machine.see({ tunerCount: 2, busyTuners: 1, recordings, upcoming }), []);
  const longer = [timer('B1', { beginMs: NOW - MINUTE, endMs: NOW + 20 * MINUTE })];
  t.deepEqual(machine.see({ tunerCount: 2, busyTuners: 1, recordings: longer, upcoming }), ['?A1 Film on C1']);
});

test('two timers one after the other take two leases, a viewer of both hears of the first', (t) => {
  const machine = new Machine();
  machine.ask('A1', 'background');
  machine.ask('B1');
  const upcoming = [timer('C1', { beginMs: NOW + 10 * MINUTE }), timer('D1', { beginMs: NOW + 20 * MINUTE })];
  t.deepEqual(machine.see({ tunerCount: 2, upcoming }), ['?A1 Film on C1', '?B1 Film on D1']);
});

test('a zap timer moves the television: its old transponder is free then', (t) => {
  const machine = new Machine();
  machine.ask('B1');
  const television = { ...service('A1'), hasTuner: true };
  const zap = timer('C1', { beginMs: NOW + 10 * MINUTE, prepareMs: NOW + 10 * MINUTE, zapOnly: true });
  t.deepEqual(machine.see({ tunerCount: 2, busyTuners: 2, television, upcoming: [zap] }), []);
});

test('a television that lost its tuner to ours gets it back', (t) => {
  const machine = new Machine();
  machine.see({ tunerCount: 2, television: { ...service('A1'), hasTuner: true }, busyTuners: 1 });
  machine.ask('A2');
  machine.ask('B1', 'background');
  t.deepEqual(machine.see({ tunerCount: 2, television: { ...service('C1'), hasTuner: false }, busyTuners: 2 }), [
    '-B1 television',
  ]);
  t.deepEqual(machine.ask('D1'), ['!D1 full'], 'its tuner is kept for it');
});

test('a box that never told a tuner of its television is not believed to have lost it', (t) => {
  const machine = new Machine();
  machine.see({ tunerCount: 1, television: { ...service('A1'), hasTuner: false } });
  machine.ask('B1');
  t.deepEqual(machine.see({ tunerCount: 1, television: { ...service('C1'), hasTuner: false }, busyTuners: 1 }), []);
});

test('others who took more than there is do not end our leases: the box says who has to go', (t) => {
  const machine = new Machine();
  machine.ask('A1');
  machine.ask('B1');
  t.deepEqual(machine.see({ tunerCount: 2, streams: [service('C1')], busyTuners: 2 }), []);
});

test('a tuner can be kept free for the television while the box is awake', (t) => {
  const machine = new Machine(box('one', { keepFree: 1, picture: picture({ tunerCount: 2 }) }));
  machine.ask('A1');
  t.deepEqual(machine.ask('B1'), ['!B1 kept-free']);
  machine.see({ tunerCount: 2, standby: true });
  t.deepEqual(machine.ask('B1'), ['+B1@one free']);
});

test('of two boxes the first is preferred, a transponder that is received before a free tuner, then the second', (t) => {
  const one = box('one', { picture: picture({ tunerCount: 1 }) });
  const two = box('two', { picture: picture({ tunerCount: 1 }) });
  const machine = new Machine(one, two);
  t.deepEqual(machine.ask('A1'), ['+A1@one free']);
  t.deepEqual(machine.ask('B1'), ['+B1@two free']);
  t.deepEqual(machine.ask('B2'), ['+B2@two shared']);
  t.deepEqual(machine.ask('C1'), ['!C1 full,full']);
  t.deepEqual(machine.ask('A2', 'interactive', { boxes: ['two'] }), ['!A2 full'], 'only the second has it');
});

test('a box that does not answer is left for another; the same lease asked for again moves', (t) => {
  const machine = new Machine(box('one', { picture: picture() }), box('two', { picture: picture() }));
  machine.ask('A1');
  machine.apply({ kind: 'lost', box: 'one', why: 'no route' });
  t.deepEqual(machine.leases, ['A1@one'], 'its stream may yet go on');
  t.deepEqual(machine.ask('A1'), ['+A1@two free']);
  t.deepEqual(machine.leases, ['A1@two']);
  t.deepEqual(
    machine.ask('B1', 'interactive', { boxes: ['one'] }),
    ['+B1@one free'],
    'the only one that has it is tried',
  );
});

test('a refusal says in words who uses what', (t) => {
  const machine = new Machine(box('one', { name: 'Duo²' }));
  machine.see({
    tunerCount: 3,
    busyTuners: 2,
    television: { ...service('A1'), hasTuner: true },
    recordings: [timer('B1', { beginMs: NOW, endMs: NOW + 90 * MINUTE })],
  });
  machine.ask('C1');
  machine.ask('D1');
  const [action] = machine.lastActions;
  if (action?.kind !== 'refused') return t.fail();
  t.regex(
    refusalText(action.refusal),
    /^No tuner for D1: all 3 tuners of Duo² are in use: .*C1 is watched by viewer of C1; the television shows A1; the timer "Film on B1" on B1 is recorded until \d\d:\d\d$/,
  );
  t.true(action.refusal.retryAfterSeconds >= 5);
});

test('nothing is left of leases that are over', (t) => {
  const machine = new Machine();
  machine.see({ tunerCount: 4 });
  for (let round = 0; round < 50; round++) {
    for (const name of ['A1', 'B1', 'C1', 'D1', 'E1']) machine.ask(name);
    for (const name of ['A1', 'B1', 'C1', 'D1', 'E1']) machine.end(name);
    machine.nowMs += 1_000;
  }
  machine.tick(60_000);
  t.deepEqual(machine.state.leases, []);
  t.deepEqual(machine.state.ended, []);
});
