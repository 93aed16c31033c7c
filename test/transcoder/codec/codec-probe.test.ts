import test from 'ava';
import type { AudioCodec } from '#shared/mpegts/stream-type.ts';
import { readRealData } from '#test/helpers/real-data.ts';
import { CodecProbe } from '#transcoder/codec/codec-probe.ts';
import { mpegAudioHeader } from '../support/audio-frames.ts';
import { elementaryFrames } from '../support/elementary-frames.ts';
import { encoded } from '../support/encoded.ts';

/** Feeds pieces of `size`; the codec, and how many bytes it took. */
function look(stream: Uint8Array, size = 184): { codec: AudioCodec | null; bytes: number } {
  const probe = new CodecProbe();
  for (let at = 0; at < stream.length; at += size) {
    const to = Math.min(stream.length, at + size);
    const codec = probe.push(stream, at, to);
    if (codec !== null || probe.exhausted) return { codec, bytes: to };
  }
  return { codec: null, bytes: stream.length };
}

const STREAMS: readonly (readonly [AudioCodec, string, string, readonly string[]])[] = [
  ['mpeg-audio', 'mp2', 'mp2', ['-b:a', '192k']],
  ['mpeg-audio', 'libmp3lame', 'mp3', ['-b:a', '128k', '-ar', '44100', '-write_xing', '0', '-id3v2_version', '0']],
  ['ac3', 'ac3', 'ac3', ['-b:a', '384k', '-ac', '6']],
  ['ac3', 'ac3', 'ac3', ['-b:a', '128k', '-ar', '44100']],
  ['eac3', 'eac3', 'eac3', ['-b:a', '256k', '-ac', '6']],
  ['aac-adts', 'aac', 'adts', ['-b:a', '128k']],
  ['aac-latm', 'aac', 'latm', ['-b:a', '128k']],
];

for (const [codec, encoder, format, options] of STREAMS) {
  test.serial(`${codec} is recognised, cut at any phase: ${encoder} ${options.join(' ')}`, async (t) => {
    const stream = await encoded({ codec: encoder, format, options, seconds: 0.5 });
    const [first = stream] = elementaryFrames(codec, stream);
    for (let phase = 0; phase < first.length + 20; phase += 7) {
      const found = look(stream.subarray(phase));
      t.is(found.codec, codec, `from byte ${phase}`);
      t.true(found.bytes < 5 * first.length + 4096, `${found.bytes} bytes`);
    }
    t.is(look(stream, 1).codec, codec, 'byte by byte');
    t.is(look(stream, stream.length).codec, codec, 'at once');
  });
}

function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

test('noise is nothing', (t) => {
  for (let seed = 1; seed <= 10; seed++) t.is(look(noise(40_000, seed)).codec, null, `seed ${seed}`);
  t.is(look(Buffer.alloc(40_000, 0xff)).codec, null);
  t.is(look(Buffer.alloc(40_000)).codec, null);
});

test('teletext is nothing', (t) => {
  // EN 300 472, 4.3: data_identifier, then units of 46 bytes: data_unit_id, data_unit_length, field and line, framing.
  const units = Array.from({ length: 900 }, (_, index) =>
    Buffer.concat([Buffer.from([0x02, 0x2c, 0xe0 | (index & 0x1f), 0xe4]), noise(42, index + 1)]),
  );
  t.is(look(Buffer.concat([Buffer.from([0x10]), ...units])).codec, null);
});

test('video is nothing', (t) => {
  const name = 'ts/androidx+media__libraries_test_data_src_test_assets_media_ts_sample_h264_mpeg_audio.ts';
  const capture = readRealData(t, name);
  if (capture === null) return;
  t.is(look(payloads(capture)).codec, null);
});

/** Payloads of the packets of the PID that has most of them. */
function payloads(capture: Buffer): Buffer {
  const byPid = new Map<number, Buffer[]>();
  for (let at = 0; at + 188 <= capture.length; at += 188) {
    const pid = capture.readUInt16BE(at + 1) & 0x1fff;
    const control = ((capture[at + 3] ?? 0) >> 4) & 3;
    const from = at + (control === 3 ? 5 + (capture[at + 4] ?? 0) : 4);
    if (control === 1 || control === 3) byPid.set(pid, [...(byPid.get(pid) ?? []), capture.subarray(from, at + 188)]);
  }
  const most = [...byPid.values()].sort((a, b) => b.length - a.length)[0] ?? [];
  return Buffer.concat(most);
}

test('it gives up after 32 KiB, however they come, and holds no more', (t) => {
  for (const size of [1, 184, 5000, 100_000]) {
    const probe = new CodecProbe();
    const bytes = noise(100_000, 5);
    let at = 0;
    for (; !probe.exhausted; at += size) t.is(probe.push(bytes, at, Math.min(at + size, bytes.length)), null);
    t.true(at >= 32_768 && at < 32_768 + size, `${at} bytes in pieces of ${size}`);
    t.is(probe.push(bytes, 0, 1000), null, 'what comes after is not even looked at');
  }
});

test('the cost of a look is bounded: the worst stream of sync words takes less than half a second', (t) => {
  const words = Buffer.alloc(40_000);
  for (let at = 0; at + 7 <= words.length; at += 7) mpegAudioHeader().copy(words, at); // 7 does not divide 576
  const start = process.hrtime.bigint();
  t.is(look(words).codec, null);
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  t.true(milliseconds < 500, `${milliseconds.toFixed(0)} ms`);
});

test('frames whose rate changes from one to the next are a coincidence', async (t) => {
  const at48 = await encoded({ codec: 'mp2', format: 'mp2', seconds: 0.3 });
  const at44 = await encoded({ codec: 'mp2', format: 'mp2', options: ['-ar', '44100'], seconds: 0.3 });
  const one = elementaryFrames('mpeg-audio', at48);
  const other = elementaryFrames('mpeg-audio', at44);
  const mixed = one.flatMap((frame, index) => [frame, other[index] ?? frame]).slice(0, 20);
  t.is(look(Buffer.concat(mixed)).codec, null);
});
