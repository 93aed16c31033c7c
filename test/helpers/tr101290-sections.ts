/** Collects sections of one PID, sharing no code with what it checks. Spec: ISO/IEC 13818-1:2019, 2.4.4. */
import { referenceCrc32 } from './ts-builder.ts';

export interface CheckedSection {
  readonly bytes: Buffer;
  /** Always true for short sections, which have no CRC. */
  readonly crcGood: boolean;
}

export class SectionCollector {
  #work: Buffer | null = null;

  /** `payload`: the packet's payload. A lost packet shows as a CRC error unless `reset` is called. */
  push(payload: Buffer, start: boolean): CheckedSection[] {
    const found: CheckedSection[] = [];
    if (!start) {
      if (this.#work !== null) this.#work = this.#cut(Buffer.concat([this.#work, payload]), found, 1);
      return found;
    }
    const pointer = payload[0] ?? 0;
    if (this.#work !== null) this.#cut(Buffer.concat([this.#work, payload.subarray(1, 1 + pointer)]), found, 1);
    this.#work = this.#cut(payload.subarray(1 + pointer), found, Number.POSITIVE_INFINITY);
    return found;
  }

  reset(): void {
    this.#work = null;
  }

  #cut(bytes: Buffer, found: CheckedSection[], limit: number): Buffer | null {
    let at = 0;
    for (let count = 0; count < limit && at < bytes.length; count++) {
      if (bytes[at] === 0xff) return null; // stuffing up to the next start
      if (at + 3 > bytes.length) return Buffer.from(bytes.subarray(at));
      const length = 3 + (bytes.readUInt16BE(at + 1) & 0x0fff);
      if (at + length > bytes.length) return Buffer.from(bytes.subarray(at));
      const section = Buffer.from(bytes.subarray(at, at + length));
      const long = ((section[1] ?? 0) & 0x80) !== 0;
      found.push({ bytes: section, crcGood: !long || (length >= 12 && referenceCrc32(section) === 0) });
      at += length;
    }
    return null;
  }
}
