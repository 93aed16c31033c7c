import test from 'ava';
import { parseDescriptors } from '#shared/mpegts/descriptors.ts';
import { asPid, asStreamType } from '#shared/mpegts/types.ts';
import { descriptor } from '#test/helpers/ts-builder.ts';
import { addedStream, replacedStream } from '#transcoder/remux/aac-stream-entry.ts';
import { planTracks, type TrackPlan } from '#transcoder/remux/track-plan.ts';

function planOf(language: string | null, ...loops: Buffer[]): TrackPlan {
  const bytes = Buffer.concat(loops);
  const stream = {
    streamType: asStreamType(0x06),
    pid: asPid(0x101),
    descriptors: parseDescriptors(bytes, 0, bytes.length),
  };
  const profile = {
    mode: 'aac',
    bitrate: 192_000,
    channels: 'stereo',
    language,
    loudness: false,
    night: false,
  } as const;
  const [plan] = planTracks([stream], profile, new Map());
  if (plan === undefined) throw new Error('no plan');
  return plan;
}

const read = (descriptors: readonly { tag: number; payload: Uint8Array }[]): string[] =>
  descriptors.map(({ tag, payload }) => `${tag.toString(16)}:${Buffer.from(payload).toString('hex')}`);

test('what stays true is kept: language, component tag, supplementary audio; what describes the old codec goes', (t) => {
  const plan = planOf(
    null,
    descriptor(0x52, 0x12),
    descriptor(0x05, 'AC-3'),
    descriptor(0x6a, 0x80, 0x42),
    descriptor(0x0a, 'deu', 0),
    descriptor(0x7f, 0x06, 0x06),
    descriptor(0x7f, 0x15, 0x01),
    descriptor(0xfd, 1, 2),
  );
  const replaced = replacedStream(plan);
  t.like(replaced, { streamType: asStreamType(0x0f), pid: asPid(0x101) });
  t.deepEqual(read(replaced.descriptors), ['52:12', 'a:64657503', '7f:0606']);
});

test('a track beside its source has another PID and no component tag: that names one stream only', (t) => {
  const plan = planOf(null, descriptor(0x52, 0x12), descriptor(0x6a, 0), descriptor(0x0a, 'deu', 0));
  const added = addedStream(plan, asPid(0x1e00));
  t.like(added, { streamType: asStreamType(0x0f), pid: asPid(0x1e00) });
  t.deepEqual(read(added.descriptors), ['a:64657500']);
});

test('whom the track is for is said by audio_type, where only the codec descriptor knew', (t) => {
  const described = planOf(null, descriptor(0x6a, 0x80, 0x52), descriptor(0x0a, 'deu', 0));
  t.deepEqual(read(replacedStream(described).descriptors), ['a:64657503']);
  const impaired = planOf(null, descriptor(0x7a, 0x80, 0x58), descriptor(0x0a, 'deu', 0));
  t.deepEqual(read(replacedStream(impaired).descriptors), ['a:64657502']);
});

test('of two languages the one that is played is named', (t) => {
  const both = [descriptor(0x6a, 0), descriptor(0x0a, 'deu', 0, 'eng', 0)];
  t.deepEqual(read(replacedStream(planOf(null, ...both)).descriptors), ['a:64657500']);
  t.deepEqual(read(replacedStream(planOf('eng', ...both)).descriptors), ['a:656e6700']);
});

test('a track without a language has none', (t) => {
  t.deepEqual(replacedStream(planOf(null, descriptor(0x6a, 0))).descriptors, []);
});
