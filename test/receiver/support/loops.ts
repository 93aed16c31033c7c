/** Loops without a box: what a stream holds at any position, and pieces of it that a decoder can begin with. */
import { u8, u24be } from '#shared/mpegts/bytes.ts';
import { hasPayloadStart, PACKET_SIZE, payloadOffset, pidAt } from '#shared/mpegts/packet.ts';
import { type DemoService, SERVICES } from '../lineup/services.ts';
import { ensureMedia } from '../media/ensure.ts';
import { LOOP_SECONDS } from '../media/timing.ts';
import { LoopLibrary } from '../playout/library.ts';
import type { PlayableLoop } from '../playout/playable-loop.ts';

/** All services of which there are pictures or sound. */
export const PLAYABLE: readonly DemoService[] = SERVICES.filter((service) => service.reception !== 'never');

let library: Promise<LoopLibrary> | null = null;

export async function loopOf(service: DemoService, scrambled = false): Promise<PlayableLoop> {
  library ??= ensureMedia().then((directory) => new LoopLibrary(directory));
  return (await library).get(service, scrambled);
}

/** Position `turns` turns after the loop's start. */
export function positionOf(loop: PlayableLoop, turns: number): number {
  return Math.round(turns * loop.count);
}

/** Whether an access point of the service's video begins in this packet; for radio, any PES does. */
function isAccessPoint(service: DemoService, bytes: Uint8Array, offset: number): boolean {
  const { video, audio } = service.media;
  if (!hasPayloadStart(bytes, offset) || pidAt(bytes, offset) !== (video?.pid ?? audio[0]?.pid)) return false;
  if (video === null) return true;
  for (let at = payloadOffset(bytes, offset) ?? 0; at < offset + PACKET_SIZE - 3; at++) {
    if (u24be(bytes, at) !== 1) continue;
    const code = u8(bytes, at + 3);
    if (video.id.startsWith('h264') && (code & 0x1f) === 7) return true; // seq_parameter_set
    if (video.id.startsWith('hevc') && ((code >> 1) & 0x3f) === 32) return true; // video_parameter_set
    if (video.id.startsWith('mpeg2') && code === 0xb3) return true; // sequence_header
  }
  return false;
}

/** Spec: ISO/IEC 13818-1:2019, 2.4.3.7 data_alignment_indicator. */
function isAligned(bytes: Uint8Array, offset: number): boolean {
  return (u8(bytes, (payloadOffset(bytes, offset) ?? offset) + 6) & 0x04) !== 0;
}

/**
 * About `seconds` of a service: its tables, then every PID from its first whole PES at or after the first access point
 * on, up to the last whole PES. `fromTurn` may lie beyond the seam. With `wholeFrames`, a PID begins and ends at a PES that
 * begins with a frame (data_alignment_indicator), which may cost some seconds at either end.
 */
export async function wholePiece(
  service: DemoService,
  options: {
    readonly fromTurn?: number;
    readonly seconds: number;
    readonly startPcr?: number;
    readonly wholeFrames?: boolean;
  },
): Promise<Buffer> {
  const loop = await loopOf(service);
  const from = positionOf(loop, options.fromTurn ?? 0);
  const to = from + positionOf(loop, (options.seconds + 1) / LOOP_SECONDS);
  const bytes = loop.read(from, to, options.startPcr ?? 0, 0);
  const media = new Set(
    [...(service.media.video ? [service.media.video] : []), ...service.media.audio].map((s) => s.pid),
  );
  const isCut = (offset: number): boolean =>
    hasPayloadStart(bytes, offset) && (options.wholeFrames !== true || isAligned(bytes, offset));
  let access = 0;
  while (access < bytes.length && !isAccessPoint(service, bytes, access)) access += PACKET_SIZE;
  const lastStart = new Map<number, number>();
  for (let offset = access; offset < bytes.length; offset += PACKET_SIZE) {
    if (isCut(offset)) lastStart.set(pidAt(bytes, offset), offset);
  }
  const begun = new Set<number>();
  const kept: Buffer[] = [];
  for (let offset = 0; offset < bytes.length; offset += PACKET_SIZE) {
    const pid = pidAt(bytes, offset);
    if (media.has(pid)) {
      if (offset >= access && isCut(offset)) begun.add(pid);
      if (!begun.has(pid) || offset >= (lastStart.get(pid) ?? 0)) continue;
    }
    kept.push(bytes.subarray(offset, offset + PACKET_SIZE));
  }
  return Buffer.concat(kept);
}
