import { patSection, pmtSection, TsWriter } from '#test/helpers/ts-builder.ts';

export const PMT_PID = 0x100;
export const VIDEO_PID = 0x101;
export const AUDIO_PID = 0x102;
export const PROGRAM = 0x283d;

/** Access unit delimiter and SPS, or delimiter and a slice that needs an earlier picture. */
const KEY_PICTURE = Buffer.from([0, 0, 1, 0x09, 0x10, 0, 0, 1, 0x67, 0x64, 0, 0x1f, 0, 0, 1, 0x68, 0xee]);
const OTHER_PICTURE = Buffer.from([0, 0, 1, 0x09, 0x30, 0, 0, 1, 0x41, 0x9a, 0x24]);

/** A single programme with H.264 and MPEG audio, made piece by piece; the counters of all PIDs go on. */
export class Programme {
  readonly #writer = new TsWriter();
  #taken = 0;
  #pictures = 0;

  /** PAT and PMT. */
  tables(): this {
    this.#writer.section(0, patSection({ programs: [[PROGRAM, PMT_PID]] }));
    this.#writer.section(
      PMT_PID,
      pmtSection({
        program: PROGRAM,
        pcrPid: VIDEO_PID,
        streams: [
          { type: 0x1b, pid: VIDEO_PID },
          { type: 0x03, pid: AUDIO_PID },
        ],
      }),
    );
    return this;
  }

  /** A PCR and a picture of at least `bytes` bytes. A key picture is an access point. */
  picture(kind: 'key' | 'other', bytes = 400): this {
    const ticks = 90_000 + this.#pictures++ * 3_600;
    const head = kind === 'key' ? KEY_PICTURE : OTHER_PICTURE;
    const data = Buffer.concat([head, Buffer.alloc(Math.max(0, bytes - head.length), 0x55)]);
    const pcr = (ticks - 45_000) * 300;
    this.#writer.pes(VIDEO_PID, { streamId: 0xe0, pts: ticks, packetLength: 0, data }, { pcr });
    return this;
  }

  sound(): this {
    this.#writer.pes(AUDIO_PID, { streamId: 0xc0, pts: 90_000, data: Buffer.alloc(300, 0x33) });
    return this;
  }

  /** What was made since the last call. */
  take(): Buffer {
    const bytes = Buffer.concat(this.#writer.packets.slice(this.#taken));
    this.#taken = this.#writer.packets.length;
    return bytes;
  }
}

/** Packets of a PID. */
export function packetsOf(bytes: Buffer, pid: number): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 188 <= bytes.length; at += 188) {
    if ((bytes.readUInt16BE(at + 1) & 0x1fff) === pid) found.push(bytes.subarray(at, at + 188));
  }
  return found;
}

/** Breaks in the continuity_counters that are not announced, as `pid:expected:actual`; adaptation-only packets repeat theirs. */
export function counterBreaks(bytes: Buffer): string[] {
  const breaks: string[] = [];
  const last = new Map<number, number>();
  for (let at = 0; at + 188 <= bytes.length; at += 188) {
    const pid = bytes.readUInt16BE(at + 1) & 0x1fff;
    const flags = bytes.readUInt8(at + 3);
    const counter = flags & 0x0f;
    const before = last.get(pid);
    const expected = before === undefined ? counter : (flags & 0x10) === 0 ? before : (before + 1) & 0x0f;
    if (counter !== expected && !isMarked(bytes, at)) breaks.push(`${pid}:${expected}:${counter}`);
    last.set(pid, counter);
  }
  return breaks;
}

/** Where the first discontinuity is announced; null where none is. */
export function firstMark(bytes: Buffer): number | null {
  for (let at = 0; at + 188 <= bytes.length; at += 188) if (isMarked(bytes, at)) return at;
  return null;
}

/** Without the marks of discontinuities: neither the packets that do nothing else, nor the flag in others. */
export function withoutMarks(bytes: Buffer): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at + 188 <= bytes.length; at += 188) {
    const packet = Buffer.from(bytes.subarray(at, at + 188)); // copy: it is written into
    if (isMarked(packet, 0)) {
      if ((packet.readUInt8(3) & 0x10) === 0) continue;
      packet.writeUInt8(packet.readUInt8(5) & 0x7f, 5);
    }
    kept.push(packet);
  }
  return Buffer.concat(kept);
}

function isMarked(bytes: Buffer, at: number): boolean {
  const hasField = (bytes.readUInt8(at + 3) & 0x20) !== 0 && bytes.readUInt8(at + 4) > 0;
  return hasField && (bytes.readUInt8(at + 5) & 0x80) !== 0;
}
