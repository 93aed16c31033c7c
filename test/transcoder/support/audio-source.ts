import { parseAc3Header } from '#shared/codec/ac3.ts';
import { parseAdtsHeader } from '#shared/codec/adts.ts';
import type { AudioHeaderParser } from '#shared/codec/audio-frame.ts';
import { parseLoasHeader } from '#shared/codec/loas.ts';
import { parseMpegAudioHeader } from '#shared/codec/mpeg-audio.ts';
import { runFfmpeg } from '#test/helpers/ffmpeg-program.ts';

/** How a piece of sound is coded. */
export interface SourceFormat {
  readonly codec: 'mp2' | 'ac3' | 'eac3' | 'latm' | 'adts';
  readonly rate?: number;
  readonly channels?: number;
  readonly bitrate?: string;
}

/** Frames of one elementary stream. */
export interface SourceFrames {
  readonly format: SourceFormat;
  readonly frames: readonly Buffer[];
  readonly samplesPerFrame: number;
  readonly sampleRate: number;
}

const CODECS: Readonly<
  Record<SourceFormat['codec'], { encoder: string; muxer: string; parse: AudioHeaderParser; samples: number }>
> = {
  mp2: { encoder: 'mp2', muxer: 'mp2', parse: parseMpegAudioHeader, samples: 1152 },
  ac3: { encoder: 'ac3', muxer: 'ac3', parse: parseAc3Header, samples: 1536 },
  eac3: { encoder: 'eac3', muxer: 'eac3', parse: parseAc3Header, samples: 1536 },
  latm: { encoder: 'aac', muxer: 'latm', parse: parseLoasHeader, samples: 1024 },
  adts: { encoder: 'aac', muxer: 'adts', parse: parseAdtsHeader, samples: 1024 },
};

/**
 * `seconds` of a pink noise that is the same every time, from `from` on, coded by ffmpeg. Every instant of it is
 * different from every other, so a correlation has one peak.
 */
export async function encodeNoise(
  format: SourceFormat,
  from: number,
  seconds: number,
  gain = 1,
): Promise<SourceFrames> {
  const { encoder, muxer, parse, samples } = CODECS[format.codec];
  const rate = format.rate ?? 48_000;
  const { stdout, stderr } = await runFfmpeg({
    command: 'ffmpeg',
    args: [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'anoisesrc=color=pink:seed=7:amplitude=0.4:sample_rate=48000'],
      ...['-af', `atrim=${from}:${from + seconds},asetpts=PTS-STARTPTS,volume=${gain}`],
      ...['-ar', String(rate), '-ac', String(format.channels ?? 2), '-c:a', encoder],
      ...(format.bitrate === undefined ? [] : ['-b:a', format.bitrate]),
      ...['-f', muxer, 'pipe:1'],
    ],
  });
  const frames: Buffer[] = [];
  for (let at = 0; at < stdout.length; ) {
    const header = parse(stdout, at, stdout.length);
    if (header === null || header === 'short') throw new Error(`${format.codec}: no frame at ${at}; ${stderr}`);
    frames.push(stdout.subarray(at, at + header.length));
    at += header.length;
  }
  return { format, frames, samplesPerFrame: samples, sampleRate: rate };
}

/** ffmpeg reads some formats under another name than it writes them. */
const DEMUXERS = { mp2: 'mp3', ac3: 'ac3', eac3: 'eac3', latm: 'loas', adts: 'aac' } as const;

/** The sound of these frames as ffmpeg decodes them: mono at 48 kHz, the first sample being that of the first PTS. */
export async function decodeSource(source: SourceFrames): Promise<Float32Array> {
  const demuxer = DEMUXERS[source.format.codec];
  const { stdout } = await runFfmpeg({
    command: 'ffmpeg',
    args: ['-v', 'error', '-f', demuxer, '-i', 'pipe:0', '-ac', '1', '-ar', '48000', '-f', 'f32le', 'pipe:1'],
    input: Buffer.concat(source.frames),
  });
  return new Float32Array(stdout.buffer, stdout.byteOffset, stdout.length >> 2);
}
