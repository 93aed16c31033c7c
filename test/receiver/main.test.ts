import { join } from 'node:path';
import test from 'ava';
import { z } from 'zod';
import { assertExit, startProgram } from '#test/helpers/process.ts';
import { FAULTS } from './faults.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const Ports = z.object({ http: z.number(), stream: z.number(), relay: z.number() });
const FREE_PORTS = ['--http-port', '0', '--stream-port', '0', '--relay-port', '0'];

const start = (t: Parameters<typeof startProgram>[0], args: readonly string[]) =>
  startProgram(t, { command: process.execPath, args: [MAIN, ...args] });

test('--help names every option and every fault', async (t) => {
  const program = start(t, ['--help']);
  await assertExit(program, 0);
  const text = program.lines.join('\n');
  for (const option of ['host', 'http-port', 'stream-port', 'relay-port', 'user', 'pass', 'tuners', 'tune-latency']) {
    t.true(text.includes(`--${option} `), option);
  }
  for (const option of ['fault', 'cache', 'prepare-only']) t.true(text.includes(`--${option}`), option);
  for (const fault of FAULTS) t.true(text.includes(fault), fault);
});

for (const [args, expected] of [
  [['--tuner', '4'], /Unknown option '--tuner'/],
  [['--http-port', 'eighty'], /--http-port is "eighty", expected a whole number from 0 to 65535/],
  [['--stream-port', '70000'], /--stream-port is "70000"/],
  [['--tuners', ''], /--tuners is ""/],
  [['--fault', 'flood'], /--fault is "flood", expected one of off, /],
  [['--cache'], /--cache/],
] as const) {
  test(`${args.join(' ')} ends at once with what is wrong and where help is`, async (t) => {
    const program = start(t, args);
    await assertExit(program, 1);
    t.regex(program.lines.join('\n'), expected);
    t.true(program.lines.length <= 4, `no stack trace: ${program.lines.join('\n')}`);
    t.is(program.lines.at(-1), '--help shows all options');
  });
}

test('a running box tells its ports, answers as its options say, and ends with SIGTERM', async (t) => {
  const program = start(t, [...FREE_PORTS, '--tuners', '2', '--user', 'root', '--pass', 'x']);
  const ports = Ports.parse(JSON.parse(await program.waitForLine(/^\{/)));
  t.is(new Set(Object.values(ports)).size, 3);
  const url = `http://127.0.0.1:${ports.http}/api/about`;
  t.is((await fetch(url)).status, 401);
  const answer = await fetch(url, { headers: { authorization: `Basic ${Buffer.from('root:x').toString('base64')}` } });
  t.like(await answer.json(), { info: { tuners_count: 2 } });
  program.kill('SIGTERM');
  await assertExit(program, 0);
});

test('a port in use is said, and the box does not start', async (t) => {
  const program = start(t, FREE_PORTS);
  const ports = Ports.parse(JSON.parse(await program.waitForLine(/^\{/)));
  const second = start(t, ['--http-port', '0', '--stream-port', String(ports.stream), '--relay-port', '0']);
  await assertExit(second, 1);
  t.regex(second.lines.join('\n'), /EADDRINUSE/);
});
