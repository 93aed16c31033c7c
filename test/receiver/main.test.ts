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

test.serial('--help names every option and every fault', async (t) => {
  const program = start(t, ['--help']);
  await assertExit(program, 0);
  const text = program.lines.join('\n');
  const options = [
    ...[
      'host',
      'http-port',
      'stream-port',
      'relay-port',
      'wake-port',
      'control-port',
      'user',
      'pass',
      'tuners',
      'live',
    ],
    ...['playable-only', 'services', 'internet', 'internet-udp', 'tune-latency', 'fault', 'cache', 'prepare-only'],
  ];
  for (const option of options) t.regex(text, new RegExp(`--${option}\\b`), option);
  for (const command of ['fault', 'standby', 'live', 'drop', 'stats'])
    t.true(text.includes(`/sim/${command}`), command);
  t.true(
    program.lines.every((line) => line.length <= 120),
    'no line is too long to read',
  );
  for (const fault of FAULTS) t.true(text.includes(fault), fault);
});

for (const [args, expected] of [
  [['--tuner', '4'], /Unknown option '--tuner'/],
  [['--http-port', 'eighty'], /--http-port is "eighty", expected a whole number from 0 to 65535/],
  [['--stream-port', '70000'], /--stream-port is "70000"/],
  [['--tuners', ''], /--tuners is ""/],
  [['--fault', 'flood'], /--fault is "flood", expected one of off, /],
  [['--fault', 'stream-cut,after=x'], /--fault is "stream-cut,after=x": "x" is no number/],
  [['--live', 'Nirgendwo'], /--live is "Nirgendwo", expected the name or the reference/],
  [['--services', 'all'], /--services is "all"/],
  [['--internet-udp', '239.1.1.1'], /--internet-udp is "239.1.1.1", expected HOST:PORT/],
  [['--cache'], /--cache/],
] as const) {
  test.serial(`${args.join(' ')} ends at once with what is wrong and where help is`, async (t) => {
    const program = start(t, args);
    await assertExit(program, 1);
    t.regex(program.lines.join('\n'), expected);
    t.true(program.lines.length <= 4, `no stack trace: ${program.lines.join('\n')}`);
    t.is(program.lines.at(-1), '--help shows all options');
  });
}

test.serial('a running box tells its ports, answers as its options say, and ends with SIGTERM', async (t) => {
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

test.serial('a box with everything: its ports, a fault, and commands that end it', async (t) => {
  const more = ['--wake-port', '0', '--control-port', '0', '--internet', '--services', '50', '--live', 'Klassik SD'];
  const program = start(t, [...FREE_PORTS, ...more, '--fault', 'refused', '--fault', 'html']);
  const All = Ports.extend({ wake: z.number(), internet: z.number(), control: z.number() });
  const ports = All.parse(JSON.parse(await program.waitForLine(/^\{/)));
  t.is(new Set(Object.values(ports)).size, 6);
  await t.throwsAsync(fetch(`http://127.0.0.1:${ports.http}/api/about`));
  await fetch(`http://127.0.0.1:${ports.control}/sim/fault?remove=refused`, { method: 'POST' });
  const answer = await fetch(`http://127.0.0.1:${ports.http}/api/about`);
  t.is(answer.headers.get('content-type'), 'text/html', 'the other fault stays');
  const stats = await fetch(`http://127.0.0.1:${ports.control}/sim/stats`);
  t.like(await stats.json(), { tunersInUse: 1, faults: [{ fault: 'html' }] });
  program.kill('SIGTERM');
  await assertExit(program, 0);
});

test.serial('a port in use is said, and the box does not start', async (t) => {
  const program = start(t, FREE_PORTS);
  const ports = Ports.parse(JSON.parse(await program.waitForLine(/^\{/)));
  const second = start(t, ['--http-port', '0', '--stream-port', String(ports.stream), '--relay-port', '0']);
  await assertExit(second, 1);
  t.regex(second.lines.join('\n'), /EADDRINUSE/);
});
