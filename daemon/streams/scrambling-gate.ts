/** Spec: ISO/IEC 13818-1:2019, 2.4.3.3 transport_scrambling_control; ETSI TS 100 289, 5.1. */
import { hasPayload, PACKET_SIZE, pidAt, scramblingAt } from '#shared/mpegts/packet.ts';
import type { ParsedPmt } from '#shared/mpegts/pmt.ts';
import { streamKind } from '#shared/mpegts/stream-type.ts';

export interface ScramblingGateListener {
  /** Whole packets that may go on. */
  onPackets(packets: Buffer): void;
  /** The first scrambled packet was seen while nothing clear had been. */
  onScrambled(): void;
}

/** What is kept while only scrambled packets come: tables and clocks, the latest of them. */
const MAX_HELD = 128 * 1024;
/** Sound alone opens the gate of a programme with video after so many clear packets without one of the video. */
const SOUND_ONLY_PACKETS = 64;

const IGNORED = 0;
const VIDEO = 1;
const AUDIO = 2;

/**
 * Holds a programme back until something of it can be seen: the first clear packet of the video (of the sound, where
 * there is no video) opens it for good. A softcam needs some seconds for its keys: until then scrambled packets are
 * dropped, and players see none of them. How long that may last is its owner's to say.
 */
export class ScramblingGate {
  readonly #listener: ScramblingGateListener;
  readonly #kinds = new Uint8Array(0x2000);
  #hasVideo = false;
  /** Nothing in the PMT says that it is video or sound: there is nothing to judge by. */
  #isUnknown = false;
  #state: 'judging' | 'scrambled' | 'open' = 'judging';
  #held: Buffer[] = [];
  #heldBytes = 0;
  #clearSound = 0;
  #scrambledPackets = 0;

  constructor(listener: ScramblingGateListener) {
    this.#listener = listener;
  }

  get state(): 'judging' | 'scrambled' | 'open' {
    return this.#state;
  }

  /** Packets of video and sound that were scrambled while it was shut. */
  get scrambledPackets(): number {
    return this.#scrambledPackets;
  }

  /** The source was interrupted: the next connection is judged anew. */
  reset(): void {
    this.#state = 'judging';
    this.#held = [];
    this.#heldBytes = 0;
    this.#clearSound = 0;
    this.#scrambledPackets = 0;
  }

  setProgram(pmt: ParsedPmt): void {
    this.#kinds.fill(IGNORED);
    const kinds = pmt.streams.map((stream) => ({ pid: stream.pid, kind: streamKind(stream).kind }));
    for (const { pid, kind } of kinds) this.#kinds[pid] = kind === 'video' ? VIDEO : kind === 'audio' ? AUDIO : IGNORED;
    this.#hasVideo = kinds.some(({ kind }) => kind === 'video');
    this.#isUnknown = !kinds.some(({ kind }) => kind === 'video' || kind === 'audio');
  }

  push(packets: Buffer): void {
    if (this.#state === 'open') {
      this.#listener.onPackets(packets);
      return;
    }
    const wasScrambled = this.#state === 'scrambled';
    const clear: Buffer[] = [];
    let isOpen = this.#isUnknown;
    for (let at = 0; at + PACKET_SIZE <= packets.length && !isOpen; at += PACKET_SIZE) {
      isOpen = this.#judge(packets, at);
      if (isOpen) clear.push(packets.subarray(at));
      else if (scramblingAt(packets, at) === 0) clear.push(packets.subarray(at, at + PACKET_SIZE));
    }
    if (isOpen) {
      this.#state = 'open';
      const all = this.#scrambledPackets === 0 ? [...this.#held, packets] : [...this.#held, ...clear];
      this.#held = [];
      this.#listener.onPackets(all.length === 1 ? (all[0] as Buffer) : Buffer.concat(all));
      return;
    }
    this.#hold(this.#scrambledPackets === 0 ? Buffer.from(packets) : Buffer.concat(clear)); // copies
    if (!wasScrambled && this.#scrambledPackets > 0) {
      this.#state = 'scrambled';
      this.#listener.onScrambled();
    }
  }

  /** True when this packet opens the gate. */
  #judge(bytes: Buffer, at: number): boolean {
    const kind = this.#kinds[pidAt(bytes, at)];
    if (kind === IGNORED || !hasPayload(bytes, at)) return false;
    if (scramblingAt(bytes, at) !== 0) {
      this.#scrambledPackets++;
      return false;
    }
    if (kind === VIDEO || !this.#hasVideo) return true;
    return this.#scrambledPackets === 0 && ++this.#clearSound >= SOUND_ONLY_PACKETS;
  }

  #hold(packets: Buffer): void {
    if (packets.length === 0) return;
    this.#held.push(packets);
    this.#heldBytes += packets.length;
    while (this.#heldBytes > MAX_HELD && this.#held.length > 1) {
      this.#heldBytes -= (this.#held.shift() as Buffer).length;
    }
  }
}
