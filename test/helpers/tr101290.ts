/**
 * Checks a transport stream as a measuring device does: by its bytes alone, on the programme's own clock.
 *
 * Spec: ETSI TR 101 290 V1.3.1, 5.2.1 and 5.2.2. Shares no code with `shared/mpegts`.
 */
import { ByteClock } from './tr101290-clock.ts';
import { ContinuityChecker } from './tr101290-continuity.ts';
import { PcrChecker } from './tr101290-pcr.ts';
import { ErrorBook, hexPid, type TsError, type TsReport } from './tr101290-report.ts';
import { SectionCollector } from './tr101290-sections.ts';
import { SyncCutter } from './tr101290-sync.ts';
import { associations, mappedStreams } from './tr101290-tables.ts';

const TABLE_LIMIT_MS = 500;
const PID_LIMIT_MS = 5_000;
const PTS_LIMIT_MS = 700;
const PID_NULL = 0x1fff;
/** PAT, CAT, NIT, SDT, EIT: always looked into. */
const TABLE_PIDS = [0x0000, 0x0001, 0x0010, 0x0011, 0x0012];

/** Something that has to come again within a limit. */
interface Recurring {
  lastMs: number | null;
  lastOffset: number;
}

export class Tr101290 {
  readonly #errors = new ErrorBook();
  readonly #cutter = new SyncCutter(this.#errors, (packet, offset) => this.#onPacket(packet, offset));
  readonly #clock = new ByteClock();
  readonly #continuity = new ContinuityChecker(this.#errors);
  readonly #pcr = new PcrChecker(this.#errors, this.#clock);
  readonly #collectors = new Map<number, SectionCollector>(TABLE_PIDS.map((pid) => [pid, new SectionCollector()]));
  readonly #pids = new Map<number, number>();
  readonly #pat: Recurring = { lastMs: null, lastOffset: 0 };
  readonly #pmts = new Map<number, Recurring>();
  /** Audio and video PIDs by the PMT PID that names them. */
  readonly #mapped = new Map<number, readonly number[]>();
  readonly #presence = new Map<number, Recurring>();
  readonly #stamps = new Map<number, Recurring>();
  #patKey = '';
  #packets = 0;
  #scrambled = 0;
  #longest = { pat: 0, pmt: 0, pts: 0 };
  #finished = false;

  push(bytes: Uint8Array): void {
    if (this.#finished) throw new Error('push after report');
    this.#cutter.push(bytes);
  }

  /** Ends the stream and says what was found. May be called again. */
  report(): TsReport {
    if (!this.#finished) this.#finish();
    return {
      bytes: this.#cutter.bytes,
      packets: this.#packets,
      durationMs: this.#clock.timeAt(this.#cutter.bytes),
      errors: this.#errors.toRecord(),
      errorCount: this.#errors.total,
      duplicates: this.#continuity.duplicates,
      scrambledPackets: this.#scrambled,
      nullPackets: this.#pids.get(PID_NULL) ?? 0,
      maxPatIntervalMs: this.#longest.pat,
      maxPmtIntervalMs: this.#longest.pmt,
      maxPtsIntervalMs: this.#longest.pts,
      pcr: this.#pcr.report(),
      pids: this.#pids,
    };
  }

  #finish(): void {
    this.#cutter.finish();
    this.#finished = true;
    this.#clock.flush();
    const end = this.#cutter.bytes;
    const endMs = this.#clock.timeAt(end);
    if (endMs === null) return;
    this.#recur(this.#pat, 'pat', 'pat-interval', TABLE_LIMIT_MS, 'no PAT up to the end', end, endMs);
    for (const [pid, state] of this.#pmts) {
      this.#recur(state, 'pmt', 'pmt-interval', TABLE_LIMIT_MS, `${hexPid(pid)}: no PMT up to the end`, end, endMs);
    }
    for (const pid of [...this.#mapped.values()].flat()) this.#seen(pid, end, endMs);
  }

  #onPacket(packet: Buffer, offset: number): void {
    this.#packets++;
    const pid = packet.readUInt16BE(1) & 0x1fff;
    if (((packet[1] ?? 0) & 0x80) !== 0) {
      this.#errors.add('transport-error', offset, hexPid(pid));
      this.#continuity.forget(pid); // nothing in such a packet counts, not even its PID
      return;
    }
    this.#pids.set(pid, (this.#pids.get(pid) ?? 0) + 1);
    if (pid === PID_NULL) return;
    const order = this.#continuity.check(packet, pid, offset);
    if (order === 'lost') this.#collectors.get(pid)?.reset();
    if (order === 'duplicate') return;
    this.#pcr.check(packet, pid, offset);
    if (this.#presence.has(pid)) this.#clock.whenKnown(offset, (atMs) => this.#seen(pid, offset, atMs));
    const control = ((packet[3] ?? 0) >> 4) & 3;
    const payloadAt = control === 1 ? 4 : control === 3 ? 5 + (packet[4] ?? 0) : 188;
    const start = ((packet[1] ?? 0) & 0x40) !== 0;
    if ((packet[3] ?? 0) >> 6 !== 0) {
      this.#scrambled++;
      if (pid === 0) this.#errors.add('pat-scrambled', offset, 'transport_scrambling_control is set');
      else if (this.#pmts.has(pid)) this.#errors.add('pmt-scrambled', offset, hexPid(pid));
      return;
    }
    if (payloadAt >= 188) return;
    const payload = packet.subarray(payloadAt);
    const collector = this.#collectors.get(pid);
    if (collector === undefined) {
      if (start) this.#onPesStart(payload, pid, offset);
      return;
    }
    for (const section of collector.push(payload, start)) {
      if (section.crcGood) this.#onSection(section.bytes, pid, offset);
      else this.#errors.add('crc', offset, `${hexPid(pid)}, table_id 0x${(section.bytes[0] ?? 0).toString(16)}`);
    }
  }

  #onSection(section: Buffer, pid: number, offset: number): void {
    const tableId = section[0];
    if (pid === 0 && tableId !== 0) {
      this.#errors.add('pat-table-id', offset, `table_id 0x${(tableId ?? 0).toString(16)} on PID 0`);
    } else if (pid === 0) {
      this.#clock.whenKnown(offset, (atMs) => {
        this.#recur(this.#pat, 'pat', 'pat-interval', TABLE_LIMIT_MS, 'PAT', offset, atMs);
      });
      this.#onPat(section, offset);
    } else if (tableId === 2) {
      const state = this.#pmts.get(pid);
      if (state === undefined) return;
      this.#clock.whenKnown(offset, (atMs) => {
        this.#recur(state, 'pmt', 'pmt-interval', TABLE_LIMIT_MS, `PMT on ${hexPid(pid)}`, offset, atMs);
      });
      this.#onPmt(section, pid, offset);
    }
  }

  #onPat(section: Buffer, offset: number): void {
    const { current, key, entries } = associations(section);
    if (!current) return;
    if (key !== this.#patKey) {
      this.#patKey = key;
      this.#pmts.clear();
    }
    for (const { pmtPid } of entries) {
      if (this.#pmts.has(pmtPid)) continue;
      const state: Recurring = { lastMs: null, lastOffset: offset };
      this.#pmts.set(pmtPid, state);
      if (!this.#collectors.has(pmtPid)) this.#collectors.set(pmtPid, new SectionCollector());
      // Its time runs from the PAT that first named it.
      this.#clock.whenKnown(offset, (atMs) => {
        state.lastMs ??= atMs;
      });
    }
    for (const pid of [...this.#mapped.keys()]) if (!this.#pmts.has(pid)) this.#mapped.delete(pid);
  }

  #onPmt(section: Buffer, pmtPid: number, offset: number): void {
    const { current, program, pcrPid, timed } = mappedStreams(section);
    if (!current) return;
    this.#pcr.programClock(program, pcrPid);
    this.#mapped.set(pmtPid, timed);
    const all = new Set([...this.#mapped.values()].flat());
    for (const pid of [...this.#presence.keys()]) {
      if (all.has(pid)) continue;
      this.#presence.delete(pid);
      this.#stamps.delete(pid);
    }
    for (const pid of timed) {
      if (this.#presence.has(pid)) continue;
      for (const states of [this.#presence, this.#stamps]) {
        const state: Recurring = { lastMs: null, lastOffset: offset };
        states.set(pid, state);
        this.#clock.whenKnown(offset, (atMs) => {
          state.lastMs ??= atMs;
        });
      }
    }
  }

  #onPesStart(payload: Buffer, pid: number, offset: number): void {
    if (!this.#presence.has(pid) || payload.length < 14 || payload.readUIntBE(0, 3) !== 1) return;
    if (((payload[7] ?? 0) & 0x80) === 0) return; // PTS_DTS_flags
    const state = this.#stamps.get(pid);
    if (state === undefined) return;
    this.#clock.whenKnown(offset, (atMs) => {
      this.#recur(state, 'pts', 'pts-repetition', PTS_LIMIT_MS, hexPid(pid), offset, atMs);
    });
  }

  #seen(pid: number, offset: number, atMs: number): void {
    const state = this.#presence.get(pid);
    if (state !== undefined) this.#recur(state, null, 'pid-missing', PID_LIMIT_MS, hexPid(pid), offset, atMs);
  }

  #recur(
    state: Recurring,
    statistic: 'pat' | 'pmt' | 'pts' | null,
    kind: TsError,
    limitMs: number,
    detail: string,
    offset: number,
    atMs: number,
  ): void {
    // Nothing seen yet: the time runs from the stream's first byte on.
    const intervalMs = atMs - (state.lastMs ?? Math.min(0, this.#clock.timeAt(0) ?? 0));
    if (statistic !== null) this.#longest[statistic] = Math.max(this.#longest[statistic], intervalMs);
    if (intervalMs > limitMs)
      this.#errors.add(kind, state.lastOffset, `${detail} after ${intervalMs.toFixed(0)} ms`, atMs);
    state.lastMs = atMs;
    state.lastOffset = offset;
  }
}

export function checkTransportStream(bytes: Uint8Array): TsReport {
  const checker = new Tr101290();
  checker.push(bytes);
  return checker.report();
}
