import { XgError } from '../errors.ts';
import { hex } from './bytes.ts';

declare const brand: unique symbol;
type Branded<Name extends string> = number & { readonly [brand]: Name };

/** Packet identifier, 0…0x1fff. */
export type Pid = Branded<'Pid'>;
/** `program_number` of PAT and PMT, equal to the DVB service_id, 0…0xffff. 0 names the NIT. */
export type ProgramNumber = Branded<'ProgramNumber'>;
/** `version_number` of a section, 0…31. */
export type SectionVersion = Branded<'SectionVersion'>;
/** PTS or DTS in ticks of 90 kHz, as on the wire: 0…2^33-1. */
export type Pts90k = Branded<'Pts90k'>;
/** PCR in ticks of 27 MHz, as on the wire: 0…2^33·300-1. */
export type Pcr27m = Branded<'Pcr27m'>;
/** `stream_type` of the PMT, 0…0xff. Open: unknown values keep their number. */
export type StreamType = Branded<'StreamType'>;

/** 2^33: where PTS, DTS and the PCR's base start again. */
export const TIMESTAMP_MODULO = 8_589_934_592;
/** 2^33 · 300: where the 27 MHz PCR starts again. */
export const PCR_MODULO = TIMESTAMP_MODULO * 300;

function checkRange(name: string, value: number, limit: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= limit) {
    throw new XgError('TS_RANGE', `${name} ${value} is not an integer from 0 to ${hex(limit - 1)}`, {
      data: { name, value, limit },
    });
  }
}

/** @throws XgError `TS_RANGE` outside 0…0x1fff. */
export function asPid(value: number): Pid {
  checkRange('PID', value, 0x2000);
  return value as Pid;
}

/** @throws XgError `TS_RANGE` outside 0…0xffff. */
export function asProgramNumber(value: number): ProgramNumber {
  checkRange('program_number', value, 0x10000);
  return value as ProgramNumber;
}

/** @throws XgError `TS_RANGE` outside 0…31. */
export function asSectionVersion(value: number): SectionVersion {
  checkRange('version_number', value, 32);
  return value as SectionVersion;
}

/** @throws XgError `TS_RANGE` outside 0…0xff. */
export function asStreamType(value: number): StreamType {
  checkRange('stream_type', value, 0x100);
  return value as StreamType;
}

/** Brings any integer of 90 kHz ticks (monotonic or negative) onto the wire's 33 bits. */
export function wrapPts(ticks: number): Pts90k {
  const rest = (ticks % TIMESTAMP_MODULO) + 0; // + 0: the remainder of a negative multiple is -0
  return (rest < 0 ? rest + TIMESTAMP_MODULO : rest) as Pts90k;
}

/** Brings any integer of 27 MHz ticks onto the wire's range. */
export function wrapPcr(ticks: number): Pcr27m {
  const rest = (ticks % PCR_MODULO) + 0;
  return (rest < 0 ? rest + PCR_MODULO : rest) as Pcr27m;
}

export const PID_PAT = 0x0000 as Pid;
export const PID_CAT = 0x0001 as Pid;
/** ETSI EN 300 468, table 1. */
export const PID_NIT = 0x0010 as Pid;
export const PID_SDT = 0x0011 as Pid;
export const PID_EIT = 0x0012 as Pid;
export const PID_TDT = 0x0014 as Pid;
export const PID_NULL = 0x1fff as Pid;
