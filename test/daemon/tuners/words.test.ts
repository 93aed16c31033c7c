import test from 'ava';
import { clockTime, refusalLines } from '#daemon/tuners/words.ts';
import { box, Machine, MINUTE, NOW, service, timer } from './support/boxes.ts';

/** The lines of the last refusal. */
function lines(machine: Machine): string[] {
  const [refused] = machine.lastActions.filter((action) => action.kind === 'refused');
  if (refused?.kind !== 'refused') throw new Error('nothing was refused');
  return refusalLines(refused.refusal);
}

test('a refusal has a line for each tuner: who has it, and until when if a timer ends it', (t) => {
  const machine = new Machine();
  const upcoming = timer('C1', { beginMs: NOW + 30 * MINUTE });
  machine.see({
    tunerCount: 2,
    busyTuners: 1,
    television: { ...service('A1'), hasTuner: true },
    upcoming: [upcoming],
  });
  machine.ask('B1');
  machine.ask('D1');
  t.deepEqual(lines(machine), [
    'No free tuner for D1',
    'All 2 tuners of box one are in use:',
    `– B1 is watched by viewer of B1, until ${clockTime(upcoming.beginMs)} (the timer "Film on C1" on C1)`,
    '– the television shows A1',
  ]);
});

test('several boxes are told one after the other, and one that is away says why', (t) => {
  const machine = new Machine(box('one'), box('two'));
  machine.see({ tunerCount: 1 }, 'one');
  machine.see({ tunerCount: 1 }, 'two');
  machine.ask('A1');
  machine.apply({ kind: 'lost', box: 'two', why: 'no answer within 5 s' });
  machine.ask('B1'); // the box that is away may be back: it is tried
  machine.ask('C1');
  t.deepEqual(lines(machine), [
    'No free tuner for C1',
    'The one tuner of box one is in use:',
    '– A1 is watched by viewer of A1',
    '',
    'Box two does not answer (no answer within 5 s).',
  ]);
});
