import { DESCRIPTOR_ISO_639_LANGUAGE, DESCRIPTOR_STREAM_IDENTIFIER } from '#shared/mpegts/descriptors.ts';
import { PACKET_SIZE } from '#shared/mpegts/packet.ts';
import { buildPat } from '#shared/mpegts/pat.ts';
import { buildPmt, type ParsedPmt, type PmtStream } from '#shared/mpegts/pmt.ts';
import { packetizeSection } from '#shared/mpegts/section.ts';
import { STREAM_AAC_ADTS } from '#shared/mpegts/stream-type.ts';
import { PID_PAT, type Pid, type SectionVersion } from '#shared/mpegts/types.ts';
import type { PacketOutput } from './packet-output.ts';

/** Descriptors that stay true when the codec behind them changes. All others describe the codec that is gone. */
const KEPT = new Set([DESCRIPTOR_ISO_639_LANGUAGE, DESCRIPTOR_STREAM_IDENTIFIER]);

/** The PMT entry of a track that is now AAC in ADTS: same PID, same language, none of the old codec's descriptors. */
export function aacStream(stream: PmtStream): PmtStream {
  return {
    streamType: STREAM_AAC_ADTS,
    pid: stream.pid,
    descriptors: stream.descriptors.filter((descriptor) => KEPT.has(descriptor.tag)),
  };
}

/** The PAT and PMT of the output: one programme, versions of its own, counters of its own. */
export class ProgramTables {
  readonly #output: PacketOutput;
  #version = 0;
  #pat: Buffer | null = null;
  #pmt: Buffer | null = null;
  #pmtPid: Pid | null = null;
  #patContinuity = 0;
  #pmtContinuity = 0;

  constructor(output: PacketOutput) {
    this.#output = output;
  }

  get ready(): boolean {
    return this.#pmt !== null;
  }

  /** New content. The PMT stays on the source's PID. */
  set(pmt: ParsedPmt, streams: readonly PmtStream[], pmtPid: Pid, transportStreamId: number): void {
    if (this.#pmt !== null) this.#version = (this.#version + 1) & 0x1f;
    const version = this.#version as SectionVersion;
    this.#pat = buildPat(transportStreamId, version, [{ program: pmt.program, pmtPid }]);
    this.#pmt = buildPmt({ program: pmt.program, pcrPid: pmt.pcrPid, descriptors: pmt.descriptors, streams }, version);
    if (this.#pmtPid !== pmtPid) this.#pmtContinuity = 0;
    this.#pmtPid = pmtPid;
  }

  write(): void {
    if (this.#pat === null || this.#pmt === null || this.#pmtPid === null) return;
    this.#patContinuity = this.#writeSection(this.#pat, PID_PAT, this.#patContinuity);
    this.#pmtContinuity = this.#writeSection(this.#pmt, this.#pmtPid, this.#pmtContinuity);
  }

  #writeSection(section: Buffer, pid: Pid, continuity: number): number {
    const packets = packetizeSection(section, pid, continuity);
    this.#output.append(packets, 0, packets.length);
    return (continuity + packets.length / PACKET_SIZE) & 0x0f;
  }
}
