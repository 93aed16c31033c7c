/** Spec: ISO/IEC 13818-1, 2.4.3.3: PIDs have 13 bits. */
const PIDS = 0x2000;
/** More ranges than any programme has tracks. */
const MAX_RANGES = 64;

export const ALL_PIDS = '0x0000-0x1FFF';

/** `0x0000-0x1FFF`, or several such ranges and single PIDs with blanks between. Null for anything else. */
export function parsePidFilter(text: string): PidFilter | null {
  const parts = text.trim().split(/\s+/);
  if (parts.length > MAX_RANGES) return null;
  const wanted = new Uint8Array(PIDS);
  for (const part of parts) {
    const [, low = '', high = low] = /^0x([0-9a-f]{1,4})(?:-0x([0-9a-f]{1,4}))?$/i.exec(part) ?? [];
    const [from, to] = [Number.parseInt(low, 16), Number.parseInt(high, 16)];
    if (!(from <= to && to < PIDS)) return null;
    wanted.fill(1, from, to + 1);
  }
  return { text: parts.join(' '), has: (pid) => wanted[pid] === 1 };
}

export interface PidFilter {
  readonly text: string;
  has(pid: number): boolean;
}
