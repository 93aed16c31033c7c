/** The few fields of PAT and PMT that the checker needs. Spec: ISO/IEC 13818-1:2019, 2.4.4.3 and 2.4.4.8. */

export interface Associations {
  readonly current: boolean;
  /** Changes when the table does. */
  readonly key: string;
  readonly entries: readonly { readonly program: number; readonly pmtPid: number }[];
}

export function associations(section: Buffer): Associations {
  const entries: { program: number; pmtPid: number }[] = [];
  for (let at = 8; at + 4 <= section.length - 4; at += 4) {
    const program = section.readUInt16BE(at);
    if (program !== 0) entries.push({ program, pmtPid: section.readUInt16BE(at + 2) & 0x1fff });
  }
  const version = section[5] ?? 0;
  return { current: (version & 1) === 1, key: `${section.readUInt16BE(3)}/${version >> 1}/${section[7]}`, entries };
}

/** stream_type values of audio and video that need no descriptor. */
const TIMED_TYPES = new Set([0x01, 0x02, 0x03, 0x04, 0x0f, 0x10, 0x11, 0x1b, 0x24, 0x81, 0x87]);
/** Descriptors that make private data audio: AC-3, enhanced AC-3, DTS, AAC. */
const TIMED_DESCRIPTORS = new Set([0x6a, 0x7a, 0x7b, 0x7c]);
const TIMED_REGISTRATIONS = new Set(['AC-3', 'EAC3', 'HEVC', 'DTS1', 'DTS2', 'DTS3']);

export interface MappedStreams {
  readonly current: boolean;
  readonly program: number;
  readonly pcrPid: number;
  /** Audio and video: what has to come regularly and carries PTS. */
  readonly timed: readonly number[];
}

export function mappedStreams(section: Buffer): MappedStreams {
  const timed: number[] = [];
  const end = section.length - 4;
  let at = 12 + (section.readUInt16BE(10) & 0x0fff);
  while (at + 5 <= end) {
    const next = at + 5 + (section.readUInt16BE(at + 3) & 0x0fff);
    if (TIMED_TYPES.has(section[at] ?? 0) || isTimedPrivate(section.subarray(at, Math.min(next, end)))) {
      timed.push(section.readUInt16BE(at + 1) & 0x1fff);
    }
    at = next;
  }
  return {
    current: ((section[5] ?? 0) & 1) === 1,
    program: section.readUInt16BE(3),
    pcrPid: section.readUInt16BE(8) & 0x1fff,
    timed,
  };
}

function isTimedPrivate(entry: Buffer): boolean {
  if (entry[0] !== 0x06) return false;
  for (let at = 5; at + 2 <= entry.length; at += 2 + (entry[at + 1] ?? 0)) {
    if (TIMED_DESCRIPTORS.has(entry[at] ?? 0)) return true;
    if (entry[at] === 0x05 && TIMED_REGISTRATIONS.has(entry.toString('latin1', at + 2, at + 6))) return true;
  }
  return false;
}
