import test, { type ExecutionContext } from 'ava';
import { ControlServer } from './control/control-server.ts';
import { parseFault } from './fault-text.ts';
import { serviceByName } from './lineup/services.ts';
import type { ReceiverOptions } from './receiver.ts';
import { startBox } from './support/box.ts';
import { RawReader } from './support/raw-reader.ts';

const first = serviceByName('Das Erste Übung HD');
const elsewhere = serviceByName('Kino²Welt HD');

async function withControl(t: ExecutionContext, options: ReceiverOptions = {}) {
  const box = await startBox(t, options);
  const server = new ControlServer(box);
  const port = await server.listen('127.0.0.1', 0);
  t.teardown(() => server.close());
  const ask = async (method: 'GET' | 'POST', path: string): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    return { status: answer.status, ...((await answer.json()) as object) };
  };
  return { box, ask };
}

test('faults are set, added and removed from outside, even while the box is off', async (t) => {
  const { box, ask } = await withControl(t);
  t.like(await ask('POST', '/sim/fault?set=refused'), { status: 200, faults: [{ fault: 'refused' }] });
  await t.throwsAsync(fetch(`http://127.0.0.1:${box.httpPort}/api/about`));
  t.like(await ask('POST', '/sim/fault?add=stream-cut,after=5000&remove=refused'), {
    faults: [{ fault: 'stream-cut', afterBytes: 5_000 }],
  });
  const reader = await RawReader.get(t, box.streamPort, `/${first.ref}`);
  await reader.waitForClose();
  t.is(reader.body.length, 5_000);
  t.like(await ask('POST', '/sim/fault'), { faults: [] });
  t.like(await ask('POST', '/sim/fault?set=html&set=stream-loss'), {
    faults: [{ fault: 'html' }, { fault: 'stream-loss' }],
  });
});

test('standby, zaps and dropped streams from outside, and figures of all of it', async (t) => {
  const { box, ask } = await withControl(t, { live: first });
  const reader = await RawReader.get(t, box.streamPort, `/${elsewhere.ref}`);
  await reader.waitForLength(500);
  t.like(await ask('GET', '/sim/stats'), { openConnections: 1, tunersInUse: 2, standby: false, current: first.ref });
  t.like(await ask('POST', `/sim/live?ref=${encodeURIComponent(elsewhere.ref)}`), { tunersInUse: 1 });
  t.like(await ask('POST', '/sim/standby?on=1'), { standby: true });
  t.like(await ask('POST', '/sim/standby?on=0'), { standby: false, current: elsewhere.ref });
  t.like(await ask('POST', '/sim/drop'), { status: 200 });
  await reader.waitForClose();
});

test('what is wrong with a command is said', async (t) => {
  const { ask } = await withControl(t);
  t.like(await ask('POST', '/sim/fault?set=flood'), { status: 400 });
  t.like(await ask('POST', '/sim/live?ref=x'), { status: 400, error: 'there is no service "x"' });
  t.like(await ask('POST', '/sim/flood'), { status: 400, error: '/sim/flood is unknown' });
  t.like(await ask('GET', '/sim/fault'), { status: 404 });
});

test('a fault is read with its measures', (t) => {
  t.deepEqual(parseFault('html'), { fault: 'html' });
  t.deepEqual(parseFault(`stream-lock-loss,after=1000,seconds=2.5,ref=${first.ref}`), {
    fault: 'stream-lock-loss',
    afterBytes: 1_000,
    seconds: 2.5,
    ref: first.ref,
  });
  for (const [text, message] of [
    ['flood', /^fault is "flood", expected one of off, /],
    ['stream-cut,after=many', /"many" is no number/],
    ['stream-cut,after=', /"" is no number/],
    ['stream-cut,after=-1', /"-1" is no number/],
    ['stream-cut,bytes=5', /"bytes=5" is unknown, expected NAME/],
  ] as const) {
    t.throws(() => parseFault(text), { message }, text);
  }
});
