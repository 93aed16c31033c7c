import { hasPayload, hasPayloadStart, PACKET_SIZE, pidAt } from '#shared/mpegts/packet.ts';
import type { ParsedPmt } from '#shared/mpegts/pmt.ts';
import { ProgramTracker } from '#shared/mpegts/program-tracker.ts';
import { streamKind, type VideoCodec } from '#shared/mpegts/stream-type.ts';
import { PID_PAT, PID_SDT, type Pid } from '#shared/mpegts/types.ts';
import { isAccessPoint } from './access-point.ts';

export interface AccessPoint {
  /** Byte position in the stream since its start. */
  readonly position: number;
  /** PAT, SDT and PMT as they last came before it, with their own counters: sent first, they make an unbroken sequence. */
  readonly tables: Buffer;
}

/** The packets of the latest complete copy of a table, and those of the one being received. */
class TablePackets {
  #complete: Buffer = Buffer.alloc(0);
  #current: Buffer[] = [];

  push(bytes: Buffer, offset: number): void {
    if (!hasPayload(bytes, offset)) return;
    if (hasPayloadStart(bytes, offset)) {
      if (this.#current.length > 0) this.#complete = Buffer.concat(this.#current);
      this.#current = [];
    } else if (this.#current.length === 0) return;
    if (this.#current.length < 32) this.#current.push(Buffer.from(bytes.subarray(offset, offset + PACKET_SIZE))); // copy
  }

  get packets(): Buffer {
    return this.#current.length > 0 ? Buffer.concat(this.#current) : this.#complete;
  }
}

/**
 * Reads a single-programme stream as it passes and says where viewers may join. With video: at its access points; radio:
 * wherever a PES of the audio begins.
 */
export class StreamIndex {
  readonly #onAccessPoint: (point: AccessPoint) => void;
  readonly #tracker: ProgramTracker;
  readonly #tables = new Map<Pid, TablePackets>([
    [PID_PAT, new TablePackets()],
    [PID_SDT, new TablePackets()],
  ]);
  #video: { readonly pid: Pid; readonly codec: VideoCodec } | null = null;
  #audioPid: Pid | null = null;
  #pmt: ParsedPmt | null = null;

  constructor(onAccessPoint: (point: AccessPoint) => void) {
    this.#onAccessPoint = onAccessPoint;
    this.#tracker = new ProgramTracker(null, {
      onPmtPids: (pids) => {
        for (const pid of pids) if (!this.#tables.has(pid)) this.#tables.set(pid, new TablePackets());
      },
      onProgram: (pmt) => this.#onProgram(pmt),
      onFault: () => undefined, // tables of our own making; the source's were counted before
    });
  }

  /** The programme's PMT; null until it has come. */
  get pmt(): ParsedPmt | null {
    return this.#pmt;
  }

  isTablePid(pid: Pid): boolean {
    return this.#tables.has(pid);
  }

  /** Looks at whole packets, the first of which lies at `position`. */
  push(packets: Buffer, position: number): void {
    for (let at = 0; at + PACKET_SIZE <= packets.length; at += PACKET_SIZE) {
      const pid = pidAt(packets, at);
      if (pid === this.#video?.pid) {
        if (isAccessPoint(this.#video.codec, packets, at)) this.#emit(position + at);
        continue;
      }
      if (pid === this.#audioPid && this.#video === null && hasPayloadStart(packets, at)) this.#emit(position + at);
      const table = this.#tables.get(pid);
      if (table === undefined) continue;
      table.push(packets, at);
      if (pid === PID_PAT) this.#tracker.pushPat(packets, at);
      else this.#tracker.pushPmt(pid, packets, at);
    }
  }

  #emit(position: number): void {
    const tables = [...this.#tables.values()].map((table) => table.packets);
    this.#onAccessPoint({ position, tables: Buffer.concat(tables) });
  }

  #onProgram(pmt: ParsedPmt): void {
    this.#pmt = pmt;
    this.#video = null;
    this.#audioPid = null;
    for (const stream of pmt.streams) {
      const kind = streamKind(stream);
      if (kind.kind === 'video') this.#video ??= { pid: stream.pid, codec: kind.codec };
      if (kind.kind === 'audio') this.#audioPid ??= stream.pid;
    }
  }
}
