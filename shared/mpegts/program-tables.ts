import type { PacketSink } from './delay-line.ts';
import { PACKET_SIZE } from './packet.ts';
import { buildPat } from './pat.ts';
import { buildPmt, fitPmt, type Pmt } from './pmt.ts';
import { buildSdt, type Sdt } from './sdt.ts';
import { packetizeSection } from './section.ts';
import { PID_PAT, PID_SDT, type Pid, type SectionVersion } from './types.ts';

/** One repeated table: its section, its version, its counter. */
class RepeatedTable {
  #section: Buffer | null = null;
  #pid: Pid | null = null;
  #version: number;
  #continuity = 0;

  constructor(firstVersion: number) {
    this.#version = (firstVersion + 31) & 0x1f;
  }

  /** `build` gets the version number: the next one, if what it makes is not what there is. */
  set(pid: Pid, build: (version: SectionVersion) => Buffer): void {
    const isSame = this.#section?.equals(build(this.#version as SectionVersion)) === true;
    if (isSame && pid === this.#pid) return;
    this.#version = (this.#version + 1) & 0x1f;
    this.#section = build(this.#version as SectionVersion);
    if (pid !== this.#pid) this.#continuity = 0;
    this.#pid = pid;
  }

  get isSet(): boolean {
    return this.#section !== null;
  }

  write(output: PacketSink): void {
    if (this.#section === null || this.#pid === null) return;
    const packets = packetizeSection(this.#section, this.#pid, this.#continuity);
    output.append(packets, 0, packets.length);
    this.#continuity = (this.#continuity + packets.length / PACKET_SIZE) & 0x0f;
  }
}

/** PAT, PMT and SDT of a single-programme output, with versions and counters of their own. */
export class ProgramTables {
  readonly #output: PacketSink;
  readonly #pat: RepeatedTable;
  readonly #pmt: RepeatedTable;
  readonly #sdt: RepeatedTable;

  /** `firstVersion`: 0…31, for an output that takes turns with another on the same PIDs. */
  constructor(output: PacketSink, firstVersion = 0) {
    this.#output = output;
    this.#pat = new RepeatedTable(firstVersion);
    this.#pmt = new RepeatedTable(firstVersion);
    this.#sdt = new RepeatedTable(firstVersion);
  }

  /** True once there is a programme to speak of. */
  get ready(): boolean {
    return this.#pmt.isSet;
  }

  setProgram(pmt: Pmt, pmtPid: Pid, transportStreamId: number): void {
    this.#pat.set(PID_PAT, (version) => buildPat(transportStreamId, version, [{ program: pmt.program, pmtPid }]));
    const fitting = fitPmt(pmt);
    this.#pmt.set(pmtPid, (version) => buildPmt(fitting, version));
  }

  setService(sdt: Sdt): void {
    this.#sdt.set(PID_SDT, (version) => buildSdt(sdt, version));
  }

  writeProgram(): void {
    this.#pat.write(this.#output);
    this.#pmt.write(this.#output);
  }

  writeService(): void {
    this.#sdt.write(this.#output);
  }
}
