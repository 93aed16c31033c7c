import test from 'ava';
import { hasPayloadStart, payloadOffset, pidAt } from '#shared/mpegts/packet.ts';
import { timestampAt, writeTimestamp } from '#shared/mpegts/timestamp.ts';
import { wrapPts } from '#shared/mpegts/types.ts';
import { measureAvSync } from '#test/helpers/av-sync.ts';
import { decodeErrors, probe } from '#test/helpers/ffprobe.ts';
import type { AudioId, VideoId } from './lineup/services.ts';
import { LOOP_PCR } from './media/timing.ts';
import { alignedStartPcr } from './stream/player.ts';
import { PLAYABLE, wholePiece } from './support/loops.ts';
import { packetsOf } from './support/packets.ts';

const VIDEO_CODEC: Readonly<Record<VideoId, readonly [string, number, number, string]>> = {
  'h264-576p': ['h264', 1024, 576, 'progressive'],
  'h264-1080i': ['h264', 1920, 1080, 'tt'],
  'mpeg2-576i': ['mpeg2video', 720, 576, 'tt'],
  'hevc-540p': ['hevc', 960, 540, 'progressive'],
};
const AUDIO_CODEC: Readonly<Record<AudioId, readonly [string, number]>> = {
  'mp2-1000': ['mp2', 2],
  'mp2-1500': ['mp2', 2],
  'ac3-51-1000': ['ac3', 6],
  'ac3-20-1000': ['ac3', 2],
  'eac3-20-1000': ['eac3', 2],
  'latm-1000': ['aac_latm', 2],
};
/** From the middle of a turn over the seam to the middle of the next. */
const WHOLE_TURN = { fromTurn: 0.5, seconds: 24, wholeFrames: true };
const MAX_OFFSET_MS = 2;

for (const service of PLAYABLE) {
  const { video, audio } = service.media;

  test.serial(`${service.name} decodes for a whole turn, over the seam, without an error`, async (t) => {
    t.deepEqual(await decodeErrors(await wholePiece(service, WHOLE_TURN)), []);
  });

  test.serial(`${service.name} is coded as the lineup says`, async (t) => {
    const { streams } = await probe(await wholePiece(service, { seconds: 3 }));
    const byPid = (pid: number) => streams.find((stream) => Number(stream.id) === pid);
    if (video !== null) {
      const found = byPid(video.pid);
      const order = found?.field_order ?? 'progressive'; // of HEVC ffprobe says nothing
      t.deepEqual([found?.codec_name, found?.width, found?.height, order], [...VIDEO_CODEC[video.id]]);
    }
    for (const track of audio) {
      const found = byPid(track.pid);
      t.deepEqual([found?.codec_name, found?.channels], [...AUDIO_CODEC[track.id]], `PID ${track.pid}`);
      t.is(found?.sample_rate, 48_000);
      t.is(found?.tags?.['language'], track.language);
    }
    for (const [pid, codec] of [
      [service.media.teletextPid, 'dvb_teletext'],
      [service.media.subtitlePid, 'dvb_subtitle'],
    ] as const) {
      if (pid !== undefined) t.is(byPid(pid)?.codec_name, codec);
    }
  });

  if (video === null) continue;
  test.serial(`${service.name} beeps when it flashes, on every track, over the seam too`, async (t) => {
    const tracks = await measureAvSync(await wholePiece(service, { fromTurn: 0.9, seconds: 5 }));
    t.is(tracks.length, audio.length);
    for (const track of tracks) {
      t.true(track.each.length >= 4, `${track.each.length} seconds measured`);
      t.true(Math.abs(track.maxMs) < MAX_OFFSET_MS, `${track.codec}: ${track.maxMs} ms`);
    }
    t.log(tracks.map((track) => `${track.codec} ${track.maxMs.toFixed(3)} ms`).join(', '));
  });
}

test.serial('what these tests look for is found: lost packets and sound that is late', async (t) => {
  const [service] = PLAYABLE;
  if (service === undefined) throw new Error('the lineup is empty');
  const piece = await wholePiece(service, { seconds: 3 });
  const hole = Buffer.concat([piece.subarray(0, 188 * 2_000), piece.subarray(188 * 2_200)]);
  t.not((await decodeErrors(hole)).length, 0);
  const pid = service.media.audio[0]?.pid;
  for (const offset of packetsOf(piece)) {
    const start = payloadOffset(piece, offset);
    if (pidAt(piece, offset) !== pid || !hasPayloadStart(piece, offset) || start === null) continue;
    writeTimestamp(piece, start + 9, 2, wrapPts((timestampAt(piece, start + 9) ?? 0) + 270)); // 3 ms
  }
  const [track] = await measureAvSync(piece);
  t.true((track?.maxMs ?? 0) > MAX_OFFSET_MS, `${track?.maxMs} ms`);
});

test.serial('flash and beep stay together over the 33-bit wrap', async (t) => {
  const [service] = PLAYABLE;
  if (service === undefined) throw new Error('the lineup is empty');
  const startPcr = alignedStartPcr(2 ** 33 * 300 - 0.95 * LOOP_PCR); // 1.2 s after the piece begins
  const [track] = await measureAvSync(await wholePiece(service, { fromTurn: 0.9, seconds: 5, startPcr }));
  t.true((track?.each.length ?? 0) >= 4);
  t.true(Math.abs(track?.maxMs ?? Number.NaN) < MAX_OFFSET_MS, `${track?.maxMs} ms`);
});
