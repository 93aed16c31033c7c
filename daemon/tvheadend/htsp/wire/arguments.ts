import { XgError } from '#shared/errors.ts';
import type { HtsMap } from './message.ts';

/** Reads what a request carries. Absent fields and those of another type are the same: clients of all ages are served. */
export class Arguments {
  readonly #message: HtsMap;

  constructor(message: HtsMap) {
    this.#message = message;
  }

  text(name: string): string | null {
    const value = this.#message[name];
    return typeof value === 'string' ? value : null;
  }

  number(name: string): number | null {
    const value = this.#message[name];
    if (typeof value === 'boolean') return value ? 1 : 0;
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  }

  flag(name: string): boolean {
    return (this.number(name) ?? 0) !== 0;
  }

  bytes(name: string): Uint8Array | null {
    const value = this.#message[name];
    return value instanceof Uint8Array ? value : null;
  }

  numbers(name: string): number[] | null {
    const value = this.#message[name];
    if (!Array.isArray(value)) return null;
    return value.filter((item) => typeof item === 'number');
  }

  /** A whole number from 0 to 2^32-1. @throws XgError `HTSP_ARGUMENT` where there is none. */
  need(name: string): number {
    const value = this.number(name);
    if (value === null || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw missing(name);
    return value;
  }

  /** @throws XgError `HTSP_ARGUMENT` */
  needText(name: string): string {
    const value = this.text(name);
    if (value === null) throw missing(name);
    return value;
  }
}

function missing(name: string): XgError {
  return new XgError('HTSP_ARGUMENT', `Missing or invalid field "${name}"`);
}
