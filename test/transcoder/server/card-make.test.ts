import test, { type ExecutionContext } from 'ava';
import type { ControlClient } from '#daemon/transcoder-client/control-client.ts';
import type { CardMake } from '#shared/ipc/card.ts';
import { probeStreams } from '#test/helpers/ffprobe.ts';
import { readyControlClient } from '../support/control-client.ts';
import { startTranscoder } from '../support/running-transcoder.ts';

const WISH: CardMake = {
  lines: ['No free tuner for Klassik SD', 'The one tuner of Duo² is in use:', '– Das Erste HD is watched by Kodi'],
  codec: 'h264',
  width: 1280,
  height: 720,
  frameRate: { num: 25, den: 1 },
  sampleAspect: { num: 1, den: 1 },
  audio: 'aac',
};

async function connected(t: ExecutionContext): Promise<ControlClient> {
  const { controlPath } = await startTranscoder(t);
  return readyControlClient(t, controlPath);
}

test('a card comes over the control socket as half a second of pictures and a frame of silence', async (t) => {
  const client = await connected(t);
  const startedAt = performance.now();
  const made = await client.request('card.make', WISH);
  t.log(
    `${(performance.now() - startedAt).toFixed(1)} ms, ${made.milliseconds.toFixed(1)} ms of it painting and encoding`,
  );
  t.is(made.pictures.length, 13);
  t.is(made.silenceSamples, 1024);
  const [video] = await probeStreams(Buffer.concat(made.pictures), 'video');
  t.like(video, { codec_name: 'h264', width: 1280, height: 720 });
  t.true(
    made.pictures.slice(2).every(({ length }) => length < 200),
    'a still picture costs nothing after its first',
  );
});

test('cards that are asked for at once are made one after the other; too many are refused, and none hurts another', async (t) => {
  const client = await connected(t);
  const wishes = Array.from({ length: 12 }, (_, index) => ({ ...WISH, lines: [`card ${index}`] }));
  const outcomes = await Promise.allSettled(wishes.map((wish) => client.request('card.make', wish)));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  t.is(refused.length, 4);
  t.true(refused.every(({ reason }) => (reason as { code: string }).code === 'CARD_BUSY'));
  t.is((await client.request('card.make', WISH)).pictures.length, 13);
});

test('a card that no decoder would take is refused by name', async (t) => {
  const client = await connected(t);
  for (const wrong of [{ width: 1281 }, { height: 4_320 }, { lines: [] }, { frameRate: { num: 500, den: 1 } }]) {
    const error = await t.throwsAsync(client.request('card.make', { ...WISH, ...wrong }));
    t.is((error as Error & { code: string }).code, 'BAD_REQUEST');
  }
});
