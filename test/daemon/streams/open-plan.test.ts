import test from 'ava';
import type { StreamTarget } from '#daemon/receiver/model.ts';
import { type NextStep, OpenPlan } from '#daemon/streams/open-plan.ts';
import type { FoundTarget } from '#daemon/streams/stream-sources.ts';
import { XgError } from '#shared/errors.ts';

const target = (kind: StreamTarget['kind'], port: number): StreamTarget => ({
  ...{ kind, scheme: 'http', host: 'box', port, path: '/1:0:19:1:1:1:C00000:0:0:0:', programHint: null },
});
const RELAY = target('relay', 17_999);
const STREAM = target('e2-stream', 8_001);
const TRANSCODER = target('e2-stream', 8_002);

const found = (one: StreamTarget, origin: FoundTarget['origin']): FoundTarget => ({ target: one, origin });
const failed = (code: string): XgError => new XgError(code, code);

/** A plan whose clock is turned by hand. */
function plan(budgetMs = 5_000) {
  let now = 0;
  const made = new OpenPlan({ budgetMs, now: () => now });
  return { plan: made, pass: (ms: number) => (now += ms) };
}

/** Goes on until the plan gives up, each attempt failing with `code`; what it tried, in order. */
function walk(first: FoundTarget, code: string, answers: { asked: StreamTarget; tookMs?: number }): string[] {
  const { plan: made, pass } = plan();
  const tried: string[] = [];
  let current = first;
  let isNew = made.begin(first);
  for (let steps = 0; steps < 50; steps++) {
    if (isNew) {
      tried.push(`${current.target.port}`);
      pass(answers.tookMs ?? 1);
    }
    const step: NextStep = made.afterFailure(failed(code));
    if (step.kind === 'give-up') return tried;
    if (step.kind === 'again') {
      pass(step.afterMs);
      isNew = true;
      continue;
    }
    if (step.kind === 'ask') tried.push('ask');
    current = step.kind === 'ask' ? found(answers.asked, 'asked') : found(STREAM, 'direct');
    isNew = made.begin(current);
  }
  throw new Error('a plan without an end');
}

const CASES: readonly (readonly [string, FoundTarget, string, { asked: StreamTarget; tookMs?: number }, string[]])[] = [
  [
    'refused right at the zap: tried again and again while there is time',
    found(STREAM, 'asked'),
    'UPSTREAM_UNREACHABLE',
    { asked: STREAM },
    ['8001', '8001', '8001', '8001', '8001', '8001', '8001'],
  ],
  [
    'a relay that refuses: once more, then the stream server, then what the receiver says',
    found(RELAY, 'remembered'),
    'UPSTREAM_UNREACHABLE',
    { asked: RELAY },
    ['17999', '17999', '8001', '8001', '8001', '8001', '8001', '8001', '8001', 'ask', '17999', '17999'],
  ],
  [
    'no tuner: once more, it may just be freed',
    found(STREAM, 'asked'),
    'NO_TUNER',
    { asked: STREAM },
    ['8001', '8001'],
  ],
  [
    'no tuner by an old answer: the receiver is asked, and says the same',
    found(STREAM, 'remembered'),
    'NO_TUNER',
    { asked: STREAM },
    ['8001', 'ask', '8001'],
  ],
  [
    'an old answer that is wrong by now',
    found(TRANSCODER, 'remembered'),
    'TUNE_FAILED',
    { asked: STREAM },
    ['8002', 'ask', '8001', '8001'],
  ],
  [
    'what took long to fail is not tried again',
    found(STREAM, 'asked'),
    'TUNE_FAILED',
    { asked: STREAM, tookMs: 3_000 },
    ['8001'],
  ],
  [
    'a host that does not answer at all is not waited for twice',
    found(STREAM, 'asked'),
    'UPSTREAM_UNREACHABLE',
    { asked: STREAM, tookMs: 3_000 },
    ['8001'],
  ],
  ['no byte in all the time', found(STREAM, 'asked'), 'TUNE_TIMEOUT', { asked: STREAM, tookMs: 5_000 }, ['8001']],
  ['scrambled is final', found(STREAM, 'asked'), 'SCRAMBLED', { asked: STREAM }, ['8001']],
  ['scrambled on the relay is final too: no fallback', found(RELAY, 'asked'), 'SCRAMBLED', { asked: RELAY }, ['17999']],
  [
    'scrambled by an old answer: the receiver may have a softcam by now',
    found(STREAM, 'remembered'),
    'SCRAMBLED',
    { asked: RELAY },
    ['8001', 'ask', '17999'],
  ],
  [
    'scrambled by an old answer that is the right one',
    found(STREAM, 'remembered'),
    'SCRAMBLED',
    { asked: STREAM },
    ['8001', 'ask'],
  ],
  ['a wrong login is final', found(STREAM, 'remembered'), 'UPSTREAM_AUTH', { asked: STREAM }, ['8001']],
];

for (const [what, first, code, answers, expected] of CASES) {
  test(`${what}: ${expected.join(', ')}`, (t) => {
    t.deepEqual(walk(first, code, answers), expected);
  });
}

test('a receiver that does not say where the service is: its stream server is tried, once', (t) => {
  const { plan: made } = plan();
  t.deepEqual(made.afterUnknown(failed('RECEIVER_TIMEOUT')), { kind: 'direct' });
  made.begin(found(STREAM, 'direct'));
  t.deepEqual(made.afterUnknown(failed('RECEIVER_TIMEOUT')), { kind: 'give-up' });
  t.deepEqual(plan().plan.afterUnknown(failed('RECEIVER_AUTH')), { kind: 'give-up' });
});

test('when the time is up nothing new is begun', (t) => {
  const { plan: made, pass } = plan();
  made.begin(found(STREAM, 'asked'));
  pass(5_000);
  t.deepEqual(made.afterFailure(failed('UPSTREAM_UNREACHABLE')), { kind: 'give-up' });
});
