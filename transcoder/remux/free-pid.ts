import { asPid, type Pid } from '#shared/mpegts/types.ts';

/** Where PIDs for added streams are taken from: high, away from what broadcasters use. */
const FIRST = 0x1e00;
const LAST = 0x1ffe;

/** The lowest PID from 0x1e00 on that is not taken. */
export function freePid(taken: ReadonlySet<number>): Pid {
  for (let pid = FIRST; pid <= LAST; pid++) if (!taken.has(pid)) return asPid(pid);
  throw new RangeError('a programme with no PID left');
}
