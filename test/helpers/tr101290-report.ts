/** What the checker finds. Spec: ETSI TR 101 290 V1.3.1, 5.2.1 (first priority) and 5.2.2 (second priority). */

export const TS_ERRORS = {
  'sync-loss': '1.1 two or more sync bytes in a row are wrong, or bytes before the first packet',
  'sync-byte': '1.2 a sync byte is not 0x47',
  'pat-interval': '1.3 no PAT for more than 500 ms',
  'pat-table-id': '1.3 a section on PID 0 that is no PAT',
  'pat-scrambled': '1.3 PID 0 is scrambled',
  continuity: '1.4 packets lost, out of order, or sent more than twice',
  'pmt-interval': '1.5 no PMT for more than 500 ms on a PID that the PAT names',
  'pmt-scrambled': '1.5 a PMT PID is scrambled',
  'pid-missing': '1.6 an audio or video PID of the PMT is absent for more than 5 s',
  'transport-error': '2.1 transport_error_indicator',
  crc: '2.2 CRC_32 of PAT, CAT, PMT, NIT, SDT or EIT is wrong',
  'pcr-repetition': '2.3a more than 40 ms between two PCRs',
  'pcr-discontinuity': '2.3b PCR step outside 0…100 ms without discontinuity_indicator',
  'pts-repetition': '2.5 more than 700 ms between two PTS of an audio or video PID',
} as const;
export type TsError = keyof typeof TS_ERRORS;

export interface TsErrorRecord {
  readonly count: number;
  /** Byte position in the stream where it was seen first. */
  readonly firstOffset: number;
  /** On the programme's clock, counted from the first PCR; null for what needs no clock. */
  readonly firstMs: number | null;
  readonly firstDetail: string;
}

export interface PcrReport {
  readonly count: number;
  readonly maxIntervalMs: number;
  /**
   * Distance of each PCR from where its byte position between its neighbours puts it, in µs. Small where the bit rate is
   * constant between PCRs, else it says how uneven the rate is: no verdict.
   */
  readonly jitterUs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
}

export interface TsReport {
  readonly bytes: number;
  readonly packets: number;
  /** From the first PCR to the last byte; null without a clock. */
  readonly durationMs: number | null;
  readonly errors: Partial<Record<TsError, TsErrorRecord>>;
  /** Sum of all counts. */
  readonly errorCount: number;
  /** Allowed, but worth knowing. */
  readonly duplicates: number;
  readonly scrambledPackets: number;
  readonly nullPackets: number;
  readonly maxPatIntervalMs: number;
  readonly maxPmtIntervalMs: number;
  readonly maxPtsIntervalMs: number;
  readonly pcr: ReadonlyMap<number, PcrReport>;
  /** Packets by PID. */
  readonly pids: ReadonlyMap<number, number>;
}

export class ErrorBook {
  readonly #records = new Map<TsError, TsErrorRecord>();

  add(kind: TsError, offset: number, detail: string, atMs: number | null = null): void {
    const known = this.#records.get(kind);
    this.#records.set(
      kind,
      known === undefined
        ? { count: 1, firstOffset: offset, firstMs: atMs, firstDetail: detail }
        : { ...known, count: known.count + 1 },
    );
  }

  get total(): number {
    return [...this.#records.values()].reduce((sum, record) => sum + record.count, 0);
  }

  toRecord(): Partial<Record<TsError, TsErrorRecord>> {
    return Object.fromEntries(this.#records);
  }
}

/** The report as lines for people. */
export function formatReport(report: TsReport): string {
  const duration = report.durationMs === null ? 'no PCR' : `${(report.durationMs / 1000).toFixed(2)} s`;
  const lines = [
    `${report.packets} packets, ${report.bytes} bytes, ${duration}, ${report.pids.size} PIDs, ` +
      `${report.nullPackets} null, ${report.scrambledPackets} scrambled, ${report.duplicates} duplicates`,
    `longest interval: PAT ${report.maxPatIntervalMs.toFixed(1)} ms, PMT ${report.maxPmtIntervalMs.toFixed(1)} ms, ` +
      `PTS ${report.maxPtsIntervalMs.toFixed(1)} ms`,
  ];
  for (const [pid, pcr] of report.pcr) {
    const { p50, p95, p99, max } = pcr.jitterUs;
    lines.push(
      `PCR of ${hexPid(pid)}: ${pcr.count}, longest interval ${pcr.maxIntervalMs.toFixed(1)} ms, ` +
        `off their byte position p50 ${p50.toFixed(1)} p95 ${p95.toFixed(1)} p99 ${p99.toFixed(1)} max ${max.toFixed(1)} µs`,
    );
  }
  for (const [kind, meaning] of Object.entries(TS_ERRORS)) {
    const record = report.errors[kind as TsError];
    if (record === undefined) continue;
    const when = record.firstMs === null ? '' : `, ${record.firstMs.toFixed(0)} ms`;
    lines.push(
      `${kind}: ${record.count} (${meaning}); first at byte ${record.firstOffset}${when}: ${record.firstDetail}`,
    );
  }
  lines.push(report.errorCount === 0 ? 'no errors' : `${report.errorCount} errors`);
  return lines.join('\n');
}

export function hexPid(pid: number): string {
  return `PID 0x${pid.toString(16).padStart(4, '0')}`;
}
