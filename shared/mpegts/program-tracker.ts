import { parsePat } from './pat.ts';
import { type ParsedPmt, parsePmt } from './pmt.ts';
import { SectionAssembler, type SectionFault } from './section.ts';
import { PID_NULL, PID_SDT, type Pid, type ProgramNumber } from './types.ts';

/** What the tracker tells its owner. */
export interface ProgramListener {
  /** The PIDs on which a PMT is awaited: hand their packets to `pushPmt`. Called whenever the set changes. */
  onPmtPids(pids: readonly Pid[]): void;
  /** The chosen programme's PMT, at first and whenever its content changes. */
  onProgram(pmt: ParsedPmt, transportStreamId: number): void;
  onFault(table: 'pat' | 'pmt', fault: SectionFault): void;
}

/**
 * Finds one programme in PAT and PMT and follows it: version changes, PID moves. Enigma2 sends the whole transponder's
 * PAT with one PMT only, so "the first of the PAT" is never the rule:
 * - a wanted programme that the PAT lists is taken;
 * - a PAT with a single programme gives that one (hardware transcoders number their output anew);
 * - without a wish, the programme whose PMT arrives first.
 */
export class ProgramTracker {
  readonly #wanted: ProgramNumber | null;
  readonly #listener: ProgramListener;
  readonly #pat: SectionAssembler;
  readonly #pmts = new Map<Pid, SectionAssembler>();
  /** Programmes by number, collected over the PAT's sections. */
  readonly #programs = new Map<ProgramNumber, Pid>();
  #patKey = '';
  #transportStreamId = 0;
  #chosen: ProgramNumber | null = null;
  #lastPmt: Buffer | null = null;

  constructor(wanted: ProgramNumber | null, listener: ProgramListener) {
    this.#wanted = wanted;
    this.#listener = listener;
    this.#pat = new SectionAssembler(
      (section) => this.#onPat(section),
      (fault) => listener.onFault('pat', fault),
    );
  }

  /** The programme followed; null until it is known. */
  get program(): ProgramNumber | null {
    return this.#chosen;
  }

  /** Programme numbers of the PAT, for error texts. */
  get programs(): readonly ProgramNumber[] {
    return [...this.#programs.keys()];
  }

  pushPat(bytes: Uint8Array, offset: number): void {
    this.#pat.pushPacket(bytes, offset);
  }

  pushPmt(pid: Pid, bytes: Uint8Array, offset: number): void {
    this.#pmts.get(pid)?.pushPacket(bytes, offset);
  }

  /** Half sections are dropped; what was learnt stays until new tables say otherwise. */
  discontinuity(): void {
    this.#pat.reset();
    for (const assembler of this.#pmts.values()) assembler.reset();
  }

  #onPat(section: Buffer): void {
    const pat = parsePat(section);
    if (pat === null || !pat.header.current) return;
    const key = `${pat.transportStreamId}/${pat.header.version}/${pat.header.lastNumber}`;
    if (key !== this.#patKey) {
      this.#patKey = key;
      this.#programs.clear();
    }
    this.#transportStreamId = pat.transportStreamId;
    for (const entry of pat.programs) this.#programs.set(entry.program, entry.pmtPid);
    this.#watch(pat.header.lastNumber === pat.header.number);
  }

  #watch(complete: boolean): void {
    // Without a wish the programme once chosen is kept, until the PAT no longer has it.
    const wanted = this.#wanted ?? (complete && !this.#isListed(this.#chosen) ? null : this.#chosen);
    const listed = wanted === null ? undefined : this.#programs.get(wanted);
    let pids: Pid[];
    if (listed !== undefined) pids = [listed];
    else if (this.#programs.size === 1 || wanted === null) pids = [...new Set(this.#programs.values())];
    else if (complete) pids = [];
    else return;
    this.#setPids(pids.filter(mayCarryPmt));
  }

  #isListed(program: ProgramNumber | null): boolean {
    return program !== null && this.#programs.has(program);
  }

  #setPids(pids: readonly Pid[]): void {
    const same = pids.length === this.#pmts.size && pids.every((pid) => this.#pmts.has(pid));
    if (same) return;
    for (const pid of [...this.#pmts.keys()]) if (!pids.includes(pid)) this.#pmts.delete(pid);
    for (const pid of pids) {
      if (this.#pmts.has(pid)) continue;
      const assembler = new SectionAssembler(
        (section) => this.#onPmt(pid, section),
        (fault) => this.#listener.onFault('pmt', fault),
      );
      this.#pmts.set(pid, assembler);
    }
    this.#listener.onPmtPids(pids);
  }

  #onPmt(pid: Pid, section: Buffer): void {
    const pmt = parsePmt(section);
    if (pmt === null || !pmt.header.current) return;
    // Several programmes may share a PMT PID; only the one that the PAT names here counts.
    if (this.#programs.get(pmt.program) !== pid) return;
    if (this.#wanted !== null && pmt.program !== this.#wanted && this.#programs.size > 1) return;
    if (this.#chosen !== null && pmt.program !== this.#chosen && this.#programs.has(this.#chosen)) return;
    if (this.#lastPmt?.equals(section)) return;
    this.#lastPmt = Buffer.from(section); // copy
    this.#chosen = pmt.program;
    this.#setPids([pid]);
    this.#listener.onProgram(pmt, this.#transportStreamId);
  }
}

/** The first PID that is not reserved (ISO/IEC 13818-1:2019, table 2-3). */
const FIRST_FREE_PID = 0x10;

/** A broken PAT may put a PMT where PAT or SDT are: followed there, our own tables would come to stand on one PID. */
function mayCarryPmt(pid: Pid): boolean {
  return pid >= FIRST_FREE_PID && pid !== PID_SDT && pid !== PID_NULL;
}
