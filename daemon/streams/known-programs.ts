import { DESCRIPTOR_CA } from '#shared/mpegts/descriptors.ts';
import { PACKET_SIZE, pidAt, SYNC_BYTE } from '#shared/mpegts/packet.ts';
import { buildPat } from '#shared/mpegts/pat.ts';
import { buildPmt, type ParsedPmt } from '#shared/mpegts/pmt.ts';
import type { ProgramRemuxer } from '#shared/mpegts/program-remuxer.ts';
import { ProgramTracker } from '#shared/mpegts/program-tracker.ts';
import { packetizeSection } from '#shared/mpegts/section.ts';
import { PID_PAT, type Pid, type SectionVersion } from '#shared/mpegts/types.ts';

export interface KnownProgram {
  readonly pmt: ParsedPmt;
  readonly pmtPid: Pid;
  readonly transportStreamId: number;
}

/** As many as the largest lineups have. The oldest go first. */
const MAX_KNOWN = 10_000;
/** Any will do: the source's own table, of whatever version, takes its place. */
const PRESUMED = 31 as SectionVersion;

/**
 * What the tables of each service said last time. A stream opens with them, so that its first packets can be told without
 * waiting for the source's own PAT and PMT, which come every 100 ms or so; where those say otherwise, they count.
 */
export class KnownPrograms {
  readonly #tables = new Map<string, Buffer>();
  readonly #onChange: () => void;

  /** `known`: from before; what is no PAT and PMT is left out. `onChange`: something is different from what was known. */
  constructor(known: Iterable<readonly [string, Buffer]> = [], onChange: () => void = () => undefined) {
    this.#onChange = onChange;
    for (const [ref, packets] of known) {
      if (this.#tables.size < MAX_KNOWN && isWhole(packets) && readTables(packets) !== null)
        this.#tables.set(ref, packets);
    }
  }

  /** PAT and PMT as packets; null for a service not seen before. */
  get(ref: string): Buffer | null {
    return this.#tables.get(ref) ?? null;
  }

  /** What the tables say; null for a service not seen before. */
  program(ref: string): KnownProgram | null {
    const packets = this.get(ref);
    return packets === null ? null : readTables(packets);
  }

  /** Seen before, and without conditional access in its PMT. */
  isClear(ref: string): boolean {
    const pmt = this.program(ref)?.pmt;
    if (pmt === undefined) return false;
    const all = [pmt.descriptors, ...pmt.streams.map(({ descriptors }) => descriptors)];
    return !all.flat().some(({ tag }) => tag === DESCRIPTOR_CA);
  }

  /** Keeps what a remuxer has found. */
  set(
    ref: string,
    { pmt, pmtPids, transportStreamId }: Pick<ProgramRemuxer, 'pmt' | 'pmtPids' | 'transportStreamId'>,
  ): void {
    const pmtPid = pmtPids[0];
    if (pmt === null || pmtPid === undefined) return;
    const pat = buildPat(transportStreamId, PRESUMED, [{ program: pmt.program, pmtPid }]);
    const tables = Buffer.concat([
      packetizeSection(pat, PID_PAT, 0),
      packetizeSection(buildPmt(pmt, pmt.header.version), pmtPid, 0),
    ]);
    const isSame = this.#tables.get(ref)?.equals(tables) === true;
    this.#tables.delete(ref);
    this.#tables.set(ref, tables);
    const oldest = this.#tables.size > MAX_KNOWN ? this.#tables.keys().next().value : undefined;
    if (oldest !== undefined) this.#tables.delete(oldest);
    if (!isSame) this.#onChange();
  }

  /** All of them, the one seen longest ago first. */
  entries(): IterableIterator<[string, Buffer]> {
    return this.#tables.entries();
  }
}

/** Two sections of up to 1024 bytes. */
const MAX_PACKETS = 12;

function isWhole(packets: Buffer): boolean {
  if (packets.length === 0 || packets.length % PACKET_SIZE !== 0 || packets.length > MAX_PACKETS * PACKET_SIZE)
    return false;
  for (let at = 0; at < packets.length; at += PACKET_SIZE) if (packets[at] !== SYNC_BYTE) return false;
  return true;
}

function readTables(packets: Buffer): KnownProgram | null {
  let pmtPid: Pid | undefined;
  let found: KnownProgram | null = null;
  const tracker = new ProgramTracker(null, {
    onPmtPids: ([first]) => {
      pmtPid = first;
    },
    onProgram: (pmt, transportStreamId) => {
      if (pmtPid !== undefined) found = { pmt, pmtPid, transportStreamId };
    },
    onFault: () => undefined, // of our own making
  });
  for (let at = 0; at + PACKET_SIZE <= packets.length; at += PACKET_SIZE) {
    const pid = pidAt(packets, at);
    if (pid === PID_PAT) tracker.pushPat(packets, at);
    else tracker.pushPmt(pid, packets, at);
  }
  return found;
}
