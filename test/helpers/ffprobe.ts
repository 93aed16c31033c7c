import * as z from 'zod';
import { runFfmpeg } from './ffmpeg-program.ts';

const Stream = z.object({
  index: z.number(),
  /** PID in hex, such as `0x100`. */
  id: z.string().optional(),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  profile: z.string().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  field_order: z.string().optional(),
  sample_rate: z.coerce.number().optional(),
  channels: z.number().optional(),
  channel_layout: z.string().optional(),
  start_pts: z.number().optional(),
  start_time: z.coerce.number().optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

const Probe = z.object({
  programs: z
    .array(
      z.object({
        program_id: z.number(),
        pmt_pid: z.number().optional(),
        pcr_pid: z.number().optional(),
        tags: z.record(z.string(), z.string()).optional(),
      }),
    )
    .default([]),
  streams: z.array(Stream).default([]),
});

export type ProbedStream = z.infer<typeof Stream>;
export type Probed = z.infer<typeof Probe>;

/** A path or URL, or media in memory. */
export type Media = string | Uint8Array;

function inputOf(media: Media): { path: string; input?: Uint8Array } {
  return typeof media === 'string' ? { path: media } : { path: 'pipe:0', input: media };
}

/** Programmes and streams as ffprobe sees them. @throws Error with ffprobe's own words when it finds no media. */
export async function probe(media: Media, options: { readonly timeoutMs?: number } = {}): Promise<Probed> {
  const { path, ...input } = inputOf(media);
  const args = ['-v', 'error', '-of', 'json', '-show_programs', '-show_streams', path];
  const result = await runFfmpeg({ command: 'ffprobe', args, ...input, ...options });
  if (result.code !== 0) throw new Error(`ffprobe ended with code ${result.code}: ${result.stderr.trim()}`);
  return Probe.parse(JSON.parse(result.stdout.toString('utf8')));
}

/** The streams of one kind, in order. */
export async function probeStreams(media: Media, kind: 'audio' | 'video' | 'subtitle'): Promise<ProbedStream[]> {
  const { streams } = await probe(media);
  return streams.filter((stream) => stream.codec_type === kind);
}

const Packet = z.object({
  stream_index: z.number(),
  pts: z.number().optional(),
  dts: z.number().optional(),
  duration: z.number().optional(),
  size: z.coerce.number(),
  flags: z.string(),
});
export type ProbedPacket = z.infer<typeof Packet>;

/** All packets of the streams that `select` names (`v:0`, `a:1`); stamps in 90 kHz ticks, wraps undone by ffprobe. */
export async function probePackets(media: Media, select: string): Promise<ProbedPacket[]> {
  const { path, ...input } = inputOf(media);
  const args = ['-v', 'error', '-of', 'json', '-select_streams', select, '-show_packets', path];
  const result = await runFfmpeg({ command: 'ffprobe', args, ...input });
  if (result.code !== 0) throw new Error(`ffprobe ended with code ${result.code}: ${result.stderr.trim()}`);
  return z.object({ packets: z.array(Packet) }).parse(JSON.parse(result.stdout.toString('utf8'))).packets;
}

/**
 * What the decoders say when all of it is played: one entry per line, none when all is well. `seconds` ends the reading
 * of a live source, in media time.
 */
export async function decodeErrors(
  media: Media,
  options: { readonly seconds?: number; readonly timeoutMs?: number } = {},
): Promise<string[]> {
  const { path, ...input } = inputOf(media);
  const limit = options.seconds === undefined ? [] : ['-t', String(options.seconds)];
  const args = ['-hide_banner', '-nostdin', '-v', 'error', '-i', path, ...limit, '-map', '0:v?', '-map', '0:a?'];
  const stdin = input.input === undefined ? args : args.filter((arg) => arg !== '-nostdin');
  const result = await runFfmpeg({
    command: 'ffmpeg',
    args: [...stdin, '-f', 'null', '-'],
    ...input,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  const lines = result.stderr.split('\n').filter((line) => line.trim() !== '');
  if (result.code !== 0 && lines.length === 0) lines.push(`ffmpeg ended with code ${result.code}`);
  return lines;
}
