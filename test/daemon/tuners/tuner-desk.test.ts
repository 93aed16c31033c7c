import test from 'ava';
import type { StreamTarget } from '#daemon/receiver/model.ts';
import { Arbiter } from '#daemon/tuners/arbiter.ts';
import type { BoxPicture } from '#daemon/tuners/box-picture.ts';
import { TunerDesk, type TunerHold } from '#daemon/tuners/tuner-desk.ts';
import { SYSTEM_CLOCK } from '#shared/clock.ts';
import { XgError } from '#shared/errors.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { picture, service, viewer } from './support/boxes.ts';

const gone = (): never => {
  throw new XgError('RECEIVER_UNREACHABLE', 'it is gone');
};

/** Receivers as the desk sees them, each with what it will tell when it is looked at. */
function desk(...ids: string[]) {
  return deskWith({ zapInStandby: false }, ...ids);
}

function deskWith({ zapInStandby }: { zapInStandby: boolean }, ...ids: string[]) {
  const arbiter = new Arbiter({
    boxes: ids.map((id) => ({ id, name: `box ${id}`, keepFree: 0 })),
    clock: SYSTEM_CLOCK,
    logger: createSilentLogger(),
  });
  const looks: string[] = [];
  const asked: string[] = [];
  const zaps: string[] = [];
  const boxes = ids.map((id) => ({
    id,
    sees: null as Partial<BoxPicture> | null,
    playable: false,
    url: (): StreamTarget => ({
      kind: 'e2-stream',
      scheme: 'http',
      host: id,
      port: 8001,
      path: '/',
      programHint: null,
    }),
  }));
  const made = new TunerDesk({
    arbiter,
    logger: createSilentLogger(),
    boxesOf: ({ ref }) => ids.map((box) => ({ box, ref })),
    boxes: boxes.map((box) => ({
      id: box.id,
      name: box.id,
      zapInStandby,
      waker: { isConfigured: false, wake: async () => undefined },
      watch: {
        ageMs: 0,
        refresh: async () => {
          looks.push(box.id);
          if (box.sees !== null) {
            const atMs = Date.now();
            arbiter.observe(box.id, picture({ tunerCount: 1, ...box.sees, atMs, tunersAtMs: atMs }));
          }
        },
      },
      receiver: {
        streamUrl: async () => {
          asked.push(box.id);
          return box.url();
        },
        directStream: () => null,
        servicePlayable: async () => box.playable,
        zap: async (ref) => {
          zaps.push(ref);
        },
      },
    })),
  });
  const ended: string[] = [];
  const open = async (name: string, address: string | null = null): Promise<TunerHold> => {
    made.sit(service(name).id, { ...viewer(name), address });
    const hold = made.hold(channel(name), (error) => ended.push(`${name} ${error.code}`));
    try {
      await hold.take(AbortSignal.timeout(5_000));
    } catch (error) {
      hold.release();
      throw error;
    }
    hold.live();
    return hold;
  };
  return { arbiter, desk: made, boxes, looks, asked, zaps, ended, open };
}

const channel = (name: string) => {
  const [namespace, onid, tsid, sid] = service(name).id.split('-');
  const ref = ['1:0:19', sid, tsid, onid, namespace, '0:0:0:'].join(':').toUpperCase();
  return { id: service(name).id, ref, name };
};

test('a zap does not wait for a look at the box; a refusal is never given without one', async (t) => {
  const { open, looks, boxes, arbiter } = desk('one');
  arbiter.observe('one', picture({ tunerCount: 1 }));
  await open('A1');
  t.deepEqual(looks, []);
  const [box] = boxes;
  if (box !== undefined) box.sees = {};
  await t.throwsAsync(open('B1'), { code: 'NO_TUNER', message: /A1 is watched by A1/ });
  t.deepEqual(looks, ['one']);
});

test('what the look finds counts: a tuner that has become free is granted', async (t) => {
  const { open, boxes, arbiter } = desk('one');
  arbiter.observe('one', picture({ tunerCount: 1, busyTuners: 1 }));
  const [box] = boxes;
  if (box !== undefined) box.sees = { busyTuners: 0 };
  await t.notThrowsAsync(open('A1'));
});

test('a box that says it has a tuner is believed, but only when all that is ours runs', async (t) => {
  const { desk: made, open, boxes, arbiter } = desk('one');
  arbiter.observe('one', picture({ tunerCount: 1 }));
  for (const box of boxes) box.playable = true;
  const pending = made.hold(channel('A1'), () => undefined);
  await pending.take(AbortSignal.timeout(1_000));
  made.sit(service('A1').id, viewer('A1'));
  await t.throwsAsync(open('B1'), { code: 'NO_TUNER' }, 'A1 has not been tuned yet: the box cannot know of it');
  pending.live();
  await t.notThrowsAsync(open('B1'));
});

test('a player that opens the next channel before it leaves the last one gets its tuner', async (t) => {
  const { desk: made, open, arbiter } = desk('one');
  arbiter.observe('one', picture({ tunerCount: 1 }));
  const leave = made.sit(service('A1').id, { ...viewer('Kodi'), address: '192.168.1.5' });
  const first = made.hold(channel('A1'), () => undefined);
  await first.take(AbortSignal.timeout(1_000));
  const second = open('B1', '192.168.1.5');
  setTimeout(() => {
    leave();
    first.release();
  }, 200);
  await t.notThrowsAsync(second);
});

test('a box that does not answer is left for the next one, and so are its streams', async (t) => {
  const { desk: made, open, boxes, asked, arbiter } = desk('one', 'two');
  await open('A1');
  t.is(made.boxOf(service('A1').id), 'one');
  const [one] = boxes;
  if (one !== undefined) one.url = gone;
  const target = await made.streamUrl(channel('A1'), AbortSignal.timeout(5_000));
  t.is(target.host, 'two');
  t.deepEqual(asked, ['one', 'two']);
  t.is(made.boxOf(service('A1').id), 'two');
  t.deepEqual(
    arbiter.state.leases.map((lease) => lease.box),
    ['two'],
  );
  await open('B1');
  t.is(made.boxOf(service('B1').id), 'two', 'the next one goes there at once');
});

test('without another box the error is that of the receiver', async (t) => {
  const { desk: made, open, boxes } = desk('one');
  await open('A1');
  const [one] = boxes;
  if (one !== undefined) one.url = gone;
  await t.throwsAsync(made.streamUrl(channel('A1'), AbortSignal.timeout(1_000)), { code: 'RECEIVER_UNREACHABLE' });
});

test('a box on which a channel failed twice in a row is left for another that has it', async (t) => {
  const { desk: made, open } = desk('one', 'two');
  const hold = await open('A1');
  const host = async (): Promise<string> => (await made.streamUrl(channel('A1'), AbortSignal.timeout(1_000))).host;
  made.failed(service('A1').id);
  t.is(await host(), 'one');
  hold.live();
  made.failed(service('A1').id);
  t.is(await host(), 'one', 'it played in between');
  made.failed(service('A1').id);
  t.is(await host(), 'two');
});

test('all leave, nothing is left', async (t) => {
  const { desk: made, open, arbiter } = desk('one');
  const holds = await Promise.all(['A1', 'A2', 'B1'].map((name) => open(name)));
  for (const hold of holds) {
    hold.release();
    hold.release();
  }
  t.deepEqual(arbiter.state.leases, []);
  t.is(made.boxOf(service('A1').id), null);
});

test('a refusal of the box gets its reason from a look at it; what the look does not explain stays as it was', async (t) => {
  const { desk: made, boxes } = desk('one');
  const failed = new XgError('TUNE_FAILED', 'closed without a byte');
  t.is(await made.explainFailure(failed, channel('A1')), failed);
  const [box] = boxes;
  if (box !== undefined) box.sees = { television: { ...service('B1'), hasTuner: true }, busyTuners: 1 };
  const explained = await made.explainFailure(failed, channel('A1'));
  t.true(explained instanceof XgError && explained.code === 'NO_TUNER');
  t.regex(explained instanceof Error ? explained.message : '', /the television shows B1/);
  const other = new XgError('SCRAMBLED', 'no key');
  t.is(await made.explainFailure(other, channel('A1')), other);
});

test('the box is zapped only in standby, and only where that is set', async (t) => {
  for (const [zapInStandby, standby] of [
    [true, true],
    [true, false],
    [false, true],
  ] as const) {
    const { open, boxes, zaps } = deskWith({ zapInStandby }, 'one');
    const [box] = boxes;
    if (box !== undefined) box.sees = { standby };
    await open('A1');
    t.deepEqual(zaps, zapInStandby && standby ? [channel('A1').ref] : []);
  }
});
