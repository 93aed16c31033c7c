/** A small, faultless programme at constant bit rate (1 packet = 1 ms = 1.504 Mbit/s), with places to plant defects. */
import { nullPacket, patSection, pesPacket, pmtSection, sectionPayloads, TsWriter } from './ts-builder.ts';

export const PROGRAMME = 0x0101;
export const PMT_PID = 0x0100;
export const VIDEO_PID = 0x0200;
export const AUDIO_PID = 0x0300;

/** What a packet is there for. */
export type Slot = 'pat' | 'pmt' | 'pcr' | 'video' | 'audio' | 'null';

export interface TestProgrammeOptions {
  readonly durationMs: number;
  /** First PCR in 27 MHz ticks; the clock wraps as it should. */
  readonly startPcr?: number;
  /** True: a stuffing packet leaves in its place, and the PID's counter does not move on. */
  readonly omit?: (slot: Slot, atMs: number) => boolean;
  /** Changes the finished packet. */
  readonly edit?: (packet: Buffer, slot: Slot, atMs: number) => void;
  /** Ticks of 27 MHz added to the PCR and, divided by 300, to all stamps. */
  readonly shiftPcr?: (atMs: number) => number;
  readonly pat?: Buffer;
  readonly pmt?: Buffer;
}

const PCR_RANGE = 2 ** 33 * 300;

/**
 * Every 100 ms PAT and PMT, every 20 ms a PCR with video payload (a PES with PTS every 40 ms), every 24 ms an audio PES
 * of one packet; stuffing in between.
 */
export function testProgramme(options: TestProgrammeOptions): Buffer {
  const pat = options.pat ?? patSection({ programs: [[PROGRAMME, PMT_PID]] });
  const pmt =
    options.pmt ??
    pmtSection({
      program: PROGRAMME,
      pcrPid: VIDEO_PID,
      streams: [
        { type: 0x1b, pid: VIDEO_PID },
        { type: 0x03, pid: AUDIO_PID },
      ],
    });
  const writer = new TsWriter();
  for (let atMs = 0; atMs < options.durationMs; atMs++) {
    const slot = slotAt(atMs);
    if (slot === 'null' || options.omit?.(slot, atMs) === true) {
      writer.raw(nullPacket());
      continue;
    }
    const ticks = (options.startPcr ?? 0) + atMs * 27_000 + (options.shiftPcr?.(atMs) ?? 0);
    const packet = addSlot(writer, slot, atMs, ((ticks % PCR_RANGE) + PCR_RANGE) % PCR_RANGE, { pat, pmt });
    options.edit?.(packet, slot, atMs);
  }
  return writer.bytes();
}

function slotAt(atMs: number): Slot {
  if (atMs % 100 === 1) return 'pat';
  if (atMs % 100 === 2) return 'pmt';
  if (atMs % 20 === 0) return atMs % 40 === 0 ? 'video' : 'pcr';
  if (atMs % 24 === 5) return 'audio';
  return 'null';
}

function addSlot(
  writer: TsWriter,
  slot: Exclude<Slot, 'null'>,
  atMs: number,
  pcr: number,
  tables: { pat: Buffer; pmt: Buffer },
): Buffer {
  const stamp = (Math.floor(pcr / 300) + 45_000) % 2 ** 33;
  switch (slot) {
    case 'pat':
      return writer.packet({ pid: 0, payload: onePayload(tables.pat), payloadStart: true });
    case 'pmt':
      return writer.packet({ pid: PMT_PID, payload: onePayload(tables.pmt), payloadStart: true });
    case 'pcr':
      return writer.packet({ pid: VIDEO_PID, payload: Buffer.alloc(100, atMs & 0xff), adaptation: { pcr } });
    case 'video': {
      const payload = pesPacket({ streamId: 0xe0, pts: stamp, data: Buffer.alloc(100, atMs & 0xff), packetLength: 0 });
      return writer.packet({ pid: VIDEO_PID, payload, payloadStart: true, adaptation: { pcr } });
    }
    case 'audio': {
      const payload = pesPacket({ streamId: 0xc0, pts: stamp, data: Buffer.alloc(120, atMs & 0xff) });
      return writer.packet({ pid: AUDIO_PID, payload, payloadStart: true });
    }
  }
}

function onePayload(section: Buffer): Buffer {
  const [payload, more] = sectionPayloads(section);
  if (payload === undefined || more !== undefined) throw new Error('the table has to fit one packet');
  return payload;
}
