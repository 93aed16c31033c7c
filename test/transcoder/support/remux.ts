import type { AacEncoderChoice, AudioProfile, StreamInfo } from '#shared/ipc/control.ts';
import { PacketSync } from '#shared/mpegts/packet-sync.ts';
import { type EngineStats, type Hopeless, RemuxEngine } from '#transcoder/remux/engine.ts';

export const PLAIN_AAC: AudioProfile = {
  mode: 'aac',
  bitrate: 192_000,
  channels: 'stereo',
  language: null,
  loudness: false,
  night: false,
};

export interface RemuxOptions extends Partial<AudioProfile> {
  readonly program?: number | null;
  readonly encoder?: AacEncoderChoice;
  /** Bytes per push: as a socket gives them, never on a packet's border. */
  readonly chunk?: number;
}

export interface Remuxed {
  readonly output: Buffer;
  readonly infos: readonly StreamInfo[];
  readonly stats: EngineStats;
  readonly hopeless: Hopeless | null;
}

/** All of `input` through the engine. Parts are separate inputs with a discontinuity between them. */
export function remux(input: Buffer | readonly Buffer[], options: RemuxOptions = {}): Remuxed {
  const { program = null, encoder = 'auto', chunk = 6_007, ...audio } = options;
  const parts: Buffer[] = [];
  const infos: StreamInfo[] = [];
  const engine = new RemuxEngine({
    program,
    audio: { ...PLAIN_AAC, ...audio },
    encoder,
    onPackets: (packets) => parts.push(packets),
    onInfo: (info) => infos.push(info),
  });
  const inputs = Buffer.isBuffer(input) ? [input] : input;
  for (const [index, bytes] of inputs.entries()) {
    if (index > 0) engine.discontinuity();
    const sync = new PacketSync({ onPackets: (packets, from, to) => engine.push(packets, from, to) });
    for (let at = 0; at < bytes.length; at += chunk) sync.push(bytes.subarray(at, Math.min(bytes.length, at + chunk)));
    sync.finish();
  }
  engine.finish();
  const stats = engine.stats();
  const hopeless = engine.hopeless();
  engine.close();
  return { output: Buffer.concat(parts), infos, stats, hopeless };
}
