/**
 * What our own AAC encoder is worth beside FFmpeg's two: `node test/bench/aac-quality.ts [kbit/s …]`. Sound of the
 * captures beside the project, where there are any, and sounds that are hard for a transform coder. Everything is
 * decoded by FFmpeg. Prints tables and writes results/aac-quality.json.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADTS_HEADER, adtsRateIndex, writeAdtsHeader } from '#shared/codec/adts.ts';
import { runFfmpeg } from '#test/helpers/ffmpeg-program.ts';
import { AAC_FRAME } from '#transcoder/ffmpeg/aac-encoder.ts';
import { AudioDecoder } from '#transcoder/ffmpeg/audio-decoder.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { AAC_ENCODERS, type AacEncoderName, openAacEncoder } from '#transcoder/remux/aac-encoder.ts';
import { Ear, preEcho, segmentalSnr } from './aac/ear.ts';
import { hardSounds, RATE, type Sound } from './aac/hard-sounds.ts';

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'ts');
const RESULTS = join(import.meta.dirname, 'results');
const SECONDS = 20;
const TIMED_RUNS = 5;
const CHANNELS = 2;

/** Captures by what is heard. */
const CAPTURES: Readonly<Record<string, string>> = {
  'E-AC-3, French magazine': 'fishloa+rust-dvb__dvb-si_tests_fixtures_tnt-5w-12732v-isi6-10s.ts',
  'MP2, Italian news': 'tsduck+tsduck-test__input_test-108.ts',
  'MP2, Australian news': 'tsduck+tsduck-test__reference_test-202_test-202.ts',
  'MP2, film music': 'tsduck+tsduck-test__input_test-064.ts',
  'AC-3, trailer': 'tsduck+tsduck-test__reference_test-151_test-151.ac3.dvb.ts',
  'E-AC-3, voices':
    'shaka-project+shaka-player__test_test_assets_hls-ts-muxed-ec3-h264_ChID_voices_1280x720p_25fps_h264_6ch_256kbps_ddp_sub_0000.ts',
  'MP2, Greek television': 'petrj+MPEGTS__MPEGTSAnalyzator_TestData.Crete_DIGEA_stream-2023-07-28-16-59-49.ts',
};

async function captured(name: string, file: string): Promise<Sound | null> {
  const path = join(FOLDER, file);
  if (!existsSync(path)) return null;
  const { stdout } = await runFfmpeg({
    command: 'ffmpeg',
    args: [
      '-v',
      'quiet',
      '-i',
      path,
      '-map',
      '0:a:0',
      '-t',
      `${SECONDS}`,
      '-ac',
      '2',
      '-ar',
      `${RATE}`,
      '-f',
      'f32le',
      '-',
    ],
  });
  const samples = Math.floor(stdout.length / 8);
  if (samples < RATE) return null;
  const both = new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + samples * 8)); // copy
  const planes = [0, 1].map((channel) =>
    Float32Array.from({ length: samples }, (_, i) => both[2 * i + channel] as number),
  );
  return { name, planes };
}

interface Coded {
  readonly heard: readonly Float32Array[];
  /** `heard[i + shift]` is the sample i. */
  readonly shift: number;
  readonly kbits: number;
  readonly largest: number;
  readonly faults: number;
}

function code(name: AacEncoderName, { planes }: Sound, bitrate: number): Coded {
  const encoder = openAacEncoder({ choice: name, sampleRate: RATE, channels: CHANNELS, bitrate });
  const decoder = new AudioDecoder('aac');
  const samples = (planes[0] as Float32Array).length;
  const heard = planes.map(() => new Float32Array(samples + 8 * AAC_FRAME));
  let at = 0;
  let bytes = 0;
  let largest = 0;
  let faults = 0;
  let units = 0;
  for (let from = 0; from + AAC_FRAME <= samples; from += AAC_FRAME) {
    encoder.encode(planes, from, (unit) => {
      bytes += unit.length;
      largest = Math.max(largest, unit.length);
      units++;
      const adts = Buffer.alloc(ADTS_HEADER + unit.length);
      writeAdtsHeader(adts, 0, adtsRateIndex(RATE) as number, CHANNELS, unit.length);
      adts.set(unit, ADTS_HEADER);
      const taken = decoder.decode(adts, null, (pcm) => {
        for (const [channel, plane] of pcm.planes.entries()) (heard[channel] as Float32Array).set(plane, at);
        at += pcm.samples;
      });
      if (!taken) faults++;
    });
  }
  const shift = encoder.priming;
  encoder.close();
  decoder.close();
  return { heard, shift, kbits: (bytes * 8 * RATE) / (units * AAC_FRAME) / 1000, largest, faults };
}

/** CPU microseconds per frame, the best of several runs. */
function timed(name: AacEncoderName, { planes }: Sound, bitrate: number): number {
  const encoder = openAacEncoder({ choice: name, sampleRate: RATE, channels: CHANNELS, bitrate });
  const frames = Math.floor((planes[0] as Float32Array).length / AAC_FRAME);
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < TIMED_RUNS; run++) {
    const before = process.cpuUsage();
    for (let frame = 0; frame < frames; frame++) encoder.encode(planes, frame * AAC_FRAME, () => undefined);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / frames);
  }
  encoder.close();
  return best;
}

function judge(name: AacEncoderName, sound: Sound, bitrate: number) {
  const { heard, shift, kbits, largest, faults } = code(name, sound, bitrate);
  const ear = new Ear(RATE);
  const end = (sound.planes[0] as Float32Array).length - 5 * AAC_FRAME;
  let snr = 0;
  let echo: { mean: number; worst: number } | null = null;
  for (const [channel, plane] of sound.planes.entries()) {
    const out = heard[channel] as Float32Array;
    ear.listen(plane, out, shift, AAC_FRAME, end);
    if (channel === 0) snr = segmentalSnr(plane, out, shift, AAC_FRAME, end);
    if (channel === 0 && sound.attacks !== undefined) echo = preEcho(plane, out, shift, sound.attacks);
  }
  const { decibels, meanDecibels, above } = ear.result;
  return {
    sound: sound.name,
    encoder: name,
    'NMR dB': Number(decibels.toFixed(1)),
    'mean dB': Number(meanDecibels.toFixed(1)),
    'above %': Number(above.toFixed(2)),
    'seg. SNR dB': Number(snr.toFixed(1)),
    'pre-echo dB': echo === null ? '' : echo.mean.toFixed(1),
    worst: echo === null ? '' : echo.worst.toFixed(1),
    'kbit/s': Number(kbits.toFixed(1)),
    'largest bytes': largest,
    faults,
  };
}

async function main(): Promise<void> {
  silenceFfmpegLog();
  const asked = process.argv.slice(2).map((kbits) => Number(kbits) * 1000);
  const bitrates = asked.length > 0 ? asked : [192_000, 96_000];
  const real = await Promise.all(Object.entries(CAPTURES).map(([name, file]) => captured(name, file)));
  const sounds = [...real.filter((sound) => sound !== null), ...hardSounds()];
  const results = [];
  for (const bitrate of bitrates) {
    console.log(`\n${bitrate / 1000} kbit/s, stereo, 48 kHz`);
    const rows = sounds.flatMap((sound) => AAC_ENCODERS.map((name) => judge(name, sound, bitrate)));
    console.table(rows);
    const times = sounds.slice(0, 4).flatMap((sound) =>
      AAC_ENCODERS.map((name) => ({
        sound: sound.name,
        encoder: name,
        'µs/frame': Math.round(timed(name, sound, bitrate)),
      })),
    );
    console.table(times);
    results.push({ bitrate, rows, times });
  }
  await mkdir(RESULTS, { recursive: true });
  await writeFile(
    join(RESULTS, 'aac-quality.json'),
    `${JSON.stringify({ node: process.version, results }, null, 2)}\n`,
  );
}

await main();
