import { readFileSync } from 'node:fs';
import { PacketSync } from '#shared/mpegts/packet-sync.ts';
import { decodeErrors, probe } from '#test/helpers/ffprobe.ts';
import { checkTransportStream } from '#test/helpers/tr101290.ts';
import { type Remuxed, type RemuxOptions, remux } from './remux.ts';

export interface CaptureCheck {
  readonly remuxed: Remuxed;
  /** `codec/channels` of the audio tracks, of the source's programme and of the output. */
  readonly tracksIn: readonly string[];
  readonly tracksOut: readonly string[];
  /** Lines of ffmpeg's decoders; null when ffmpeg finds no media. */
  readonly errorsIn: readonly string[] | null;
  readonly errorsOut: readonly string[] | null;
  /** The video packets came out byte for byte and in order, from the first one that could be told. */
  readonly videoIntact: boolean;
  readonly videoPackets: number;
  /** Kinds of TR 101 290 errors that the output has and the input has not. */
  readonly newFaults: readonly string[];
}

const VIDEO = new Set(['mpeg1', 'mpeg2', 'h264', 'hevc']);

/** Sends a capture through the engine and compares what comes out with what went in, by means of ffmpeg's programs. */
export async function checkCapture(path: string, options: RemuxOptions = {}): Promise<CaptureCheck> {
  const bytes = plainPackets(readFileSync(path));
  const remuxed = remux(bytes, options);
  const info = remuxed.infos.at(-1);
  // The programme alone, as it came: what the output is to be compared with.
  const reference = remux(bytes, { ...options, mode: 'pass' }).output;
  const videoPids = new Set(
    remuxed.infos.flatMap(({ tracks }) => tracks.filter(({ codec }) => VIDEO.has(codec)).map(({ pid }) => pid)),
  );
  const [before, behind] = [packetsOf(bytes, videoPids), packetsOf(remuxed.output, videoPids)];
  const empty = remuxed.output.length === 0 || info === undefined;
  return {
    remuxed,
    tracksIn: empty ? [] : await audioTracks(reference),
    tracksOut: empty ? [] : await audioTracks(remuxed.output),
    errorsIn: reference.length === 0 ? null : await decodeErrors(reference),
    errorsOut: empty ? null : await decodeErrors(remuxed.output),
    videoIntact: isTail(before, behind),
    videoPackets: behind.length,
    newFaults: newFaults([bytes, reference], remuxed.output),
  };
}

/** As packets of 188 bytes, whatever their size in the file. */
export function plainPackets(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  const sync = new PacketSync({
    onPackets: (packets, from, to) => parts.push(Buffer.from(packets.subarray(from, to))),
  });
  sync.push(bytes);
  sync.finish();
  return Buffer.concat(parts);
}

function packetsOf(bytes: Buffer, pids: ReadonlySet<number>): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 188 <= bytes.length; at += 188) {
    if (pids.has(bytes.readUInt16BE(at + 1) & 0x1fff)) found.push(bytes.subarray(at, at + 188));
  }
  return found;
}

function isTail(all: readonly Buffer[], tail: readonly Buffer[]): boolean {
  const from = all.length - tail.length;
  return from >= 0 && tail.every((packet, index) => packet.equals(all[from + index] as Buffer));
}

async function audioTracks(media: Buffer): Promise<string[]> {
  const { streams } = await probe(media).catch(() => ({ streams: [] }));
  return streams
    .filter(({ codec_type: type }) => type === 'audio')
    .map(({ codec_name: name, channels }) => `${name ?? '?'}/${channels ?? 0}`);
}

function newFaults(inputs: readonly Buffer[], output: Buffer): string[] {
  const known = new Set(inputs.flatMap((input) => Object.keys(checkTransportStream(input).errors)));
  return Object.keys(checkTransportStream(output).errors).filter((kind) => !known.has(kind));
}
