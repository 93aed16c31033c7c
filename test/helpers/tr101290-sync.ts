/** Spec: ETSI TR 101 290 V1.3.1, 5.2.1, 1.1 and 1.2; ISO/IEC 13818-1:2019, Annex G.1 (five good sync bytes). */
import type { ErrorBook } from './tr101290-report.ts';

const PACKET = 188;
const SYNC = 0x47;
const ACQUIRE = 5;

/** Cuts a byte stream into packets of 188 bytes and notes every loss of sync. Holds less than two KiB. */
export class SyncCutter {
  readonly #errors: ErrorBook;
  readonly #onPacket: (packet: Buffer, offset: number) => void;
  #rest: Buffer = Buffer.alloc(0);
  /** Stream position of the first byte of `#rest`. */
  #offset = 0;
  #state: 'searching' | 'locked' = 'searching';
  #skipped = 0;
  #bad = 0;

  constructor(errors: ErrorBook, onPacket: (packet: Buffer, offset: number) => void) {
    this.#errors = errors;
    this.#onPacket = onPacket;
  }

  get bytes(): number {
    return this.#offset + this.#rest.length;
  }

  push(bytes: Uint8Array): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    this.#work(ACQUIRE);
  }

  /** The end: what is left is judged by fewer sync bytes. */
  finish(): void {
    this.#work(1);
    if (this.#state === 'searching' && this.#rest.length + this.#skipped > 0) {
      this.#errors.add(
        'sync-loss',
        this.#offset,
        `${this.#rest.length + this.#skipped} bytes without packets at the end`,
      );
    }
  }

  #work(needed: number): void {
    let at = 0;
    while (at + PACKET <= this.#rest.length) {
      if (this.#state === 'searching') {
        const verdict = this.#judge(at, needed);
        if (verdict === 'more') break;
        if (verdict === 'no') {
          this.#skipped++;
          at++;
          continue;
        }
        if (this.#skipped > 0 && this.#offset + at === this.#skipped) {
          this.#errors.add('sync-loss', 0, `${this.#skipped} bytes before the first packet`);
        }
        this.#skipped = 0;
        this.#bad = 0;
        this.#state = 'locked';
      }
      if (this.#rest[at] === SYNC) {
        this.#bad = 0;
        this.#onPacket(this.#rest.subarray(at, at + PACKET), this.#offset + at);
        at += PACKET;
        continue;
      }
      this.#bad++;
      this.#errors.add('sync-byte', this.#offset + at, `0x${(this.#rest[at] ?? 0).toString(16)} instead of 0x47`);
      if (this.#bad >= 2) {
        this.#errors.add('sync-loss', this.#offset + at, 'two wrong sync bytes in a row');
        this.#state = 'searching';
        continue;
      }
      at += PACKET;
    }
    this.#rest = Buffer.from(this.#rest.subarray(at)); // copy
    this.#offset += at;
  }

  #judge(at: number, needed: number): 'yes' | 'no' | 'more' {
    for (let index = 0; index < ACQUIRE; index++) {
      const position = at + index * PACKET;
      if (position >= this.#rest.length) return index >= needed ? 'yes' : 'more';
      if (this.#rest[position] !== SYNC) return 'no';
    }
    return 'yes';
  }
}
