/** One range of a `Range` header. Spec: RFC 9110, 14.1.2 Byte Ranges. */
export type RequestedRange =
  | { readonly kind: 'whole' }
  /** `endByte` inclusive; null for the end of the file, wherever that is. */
  | { readonly kind: 'part'; readonly startByte: number; readonly endByte: number | null }
  | { readonly kind: 'none' };

/**
 * `whole` where there is no range, or one that may be ignored: several ranges, another unit, nonsense. `none` where the
 * range begins behind the end.
 */
export function requestedRange(header: string, sizeBytes: number): RequestedRange {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim()) ?? [];
  if (first === '' && last === '') return { kind: 'whole' };
  if (first === '') {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? { kind: 'none' } : { kind: 'part', startByte: sizeBytes - length, endByte: null };
  }
  const startByte = Number(first);
  const endByte = last === '' ? null : Number(last);
  if (endByte !== null && endByte < startByte) return { kind: 'whole' };
  return startByte >= sizeBytes ? { kind: 'none' } : { kind: 'part', startByte, endByte };
}
