import { buildPat } from '#shared/mpegts/pat.ts';
import { buildPmt } from '#shared/mpegts/pmt.ts';
import type { ProgramRemuxer } from '#shared/mpegts/program-remuxer.ts';
import { packetizeSection } from '#shared/mpegts/section.ts';
import { PID_PAT, type SectionVersion } from '#shared/mpegts/types.ts';

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

  /** PAT and PMT as packets; null for a service not seen before. */
  get(ref: string): Buffer | null {
    return this.#tables.get(ref) ?? null;
  }

  /** Keeps what a remuxer has found. */
  set(
    ref: string,
    { pmt, pmtPids, transportStreamId }: Pick<ProgramRemuxer, 'pmt' | 'pmtPids' | 'transportStreamId'>,
  ): void {
    const pmtPid = pmtPids[0];
    if (pmt === null || pmtPid === undefined) return;
    const pat = buildPat(transportStreamId, PRESUMED, [{ program: pmt.program, pmtPid }]);
    this.#tables.delete(ref);
    this.#tables.set(
      ref,
      Buffer.concat([
        packetizeSection(pat, PID_PAT, 0),
        packetizeSection(buildPmt(pmt, pmt.header.version), pmtPid, 0),
      ]),
    );
    const oldest = this.#tables.size > MAX_KNOWN ? this.#tables.keys().next().value : undefined;
    if (oldest !== undefined) this.#tables.delete(oldest);
  }
}
