import test from 'ava';
import { assertExit, Program, startProgram } from './process.ts';

const run = (script: string, more: { termMs?: number; env?: Record<string, string | undefined> } = {}) => ({
  command: process.execPath,
  args: ['-e', script],
  ...more,
});
const FOREVER = 'setInterval(() => {}, 1000);';

test('lines of both outputs are found, those already written and those to come', async (t) => {
  const program = startProgram(
    t,
    run(`console.log('one'); console.error('two'); console.log('ready on 1234'); ${FOREVER}`),
  );
  t.is(await program.waitForLine(/^ready on \d+$/), 'ready on 1234');
  t.is(await program.waitForLine(/one/), 'one');
  t.is(await program.waitForLine(/two/), 'two');
  t.is(program.exit, null);
});

test('only lines from a given one on count', async (t) => {
  const program = startProgram(t, run(`for (const l of ['tick 1', 'mark', 'tick 2']) console.log(l); ${FOREVER}`));
  await program.waitForLine(/tick 2/);
  const mark = program.lines.indexOf('mark');
  t.is(await program.waitForLine(/tick/, { from: mark }), 'tick 2');
});

test('a program that ends before its line: the error has how it ended and its last words', async (t) => {
  const program = startProgram(t, run(`console.error('no such device'); process.exitCode = 3`));
  const error = await t.throwsAsync(program.waitForLine(/ready/));
  t.regex(error?.message ?? '', /ended \(code 3\) before the line \/ready\//);
  t.regex(error?.message ?? '', /no such device/);
});

test('a line that does not come in time is an error with the last words', async (t) => {
  const program = startProgram(t, run(`console.log('starting'); ${FOREVER}`));
  await program.waitForLine(/starting/);
  await t.throwsAsync(program.waitForLine(/ready/, { timeoutMs: 20 }), { message: /20 ms in vain.*\n.*starting/ });
});

test('a program that is not there is an error, not a crash', async (t) => {
  const program = startProgram(t, { command: '/nonexistent/program' });
  await t.throwsAsync(program.waitForLine(/x/), { message: /did not start: .*ENOENT/ });
  t.throws(() => program.pid);
  t.is(await program.stop(), 'was-gone');
});

test('stopping asks first', async (t) => {
  const script = `process.on('SIGTERM', () => { console.log('bye'); process.exit(0); }); console.log('up'); ${FOREVER}`;
  const program = startProgram(t, run(script));
  await program.waitForLine(/up/);
  t.is(await program.stop(), 'sigterm');
  t.deepEqual(program.exit, { code: 0, signal: null });
  t.is(program.lines.at(-1), 'bye');
  t.is(await program.stop(), 'was-gone');
});

test('who does not listen is killed', async (t) => {
  const program = startProgram(
    t,
    run(`process.on('SIGTERM', () => {}); console.log('up'); ${FOREVER}`, { termMs: 50 }),
  );
  await program.waitForLine(/up/);
  t.is(await program.stop(), 'sigkill');
  t.deepEqual(program.exit, { code: null, signal: 'SIGKILL' });
});

test('the program ends with its test', async (t) => {
  const teardowns: (() => void | Promise<void>)[] = [];
  const program = startProgram({ teardown: (clean) => teardowns.push(clean) }, run(`console.log('up'); ${FOREVER}`));
  await program.waitForLine(/up/);
  for (const clean of teardowns) await clean();
  t.is(program.exit?.signal, 'SIGTERM');
  t.throws(() => process.kill(program.pid, 0), { code: 'ESRCH' });
});

test('the end is checked by code or signal', async (t) => {
  await t.notThrowsAsync(assertExit(startProgram(t, run('process.exit(4)')), 4));
  await t.throwsAsync(assertExit(startProgram(t, run('process.exit(4)')), 0), {
    message: /expected the end with 0, got code 4/,
  });
  const killed = startProgram(t, run(FOREVER));
  killed.kill('SIGKILL');
  await t.notThrowsAsync(assertExit(killed, 'SIGKILL'));
});

test('environment variables are added and taken away', async (t) => {
  const script = `console.log('[' + process.env.XG2G_TEST + '|' + process.env.HOME + ']')`;
  const program = startProgram(t, run(script, { env: { XG2G_TEST: 'a', HOME: undefined } }));
  t.is(await program.waitForLine(/\[/), '[a|undefined]');
});

test('a very talkative program does not fill the memory, and line numbers go on', async (t) => {
  const program = new Program(run(`for (let i = 0; i < 45000; i++) console.log('line ' + i)`));
  await program.waitForExit();
  t.is(program.lineCount, 45_000);
  t.true(program.lines.length <= 20_000);
  t.is(program.lines.at(-1), 'line 44999');
});
