import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK']).toString());

/** CPU seconds (user and system) that a process has used. Spec: proc(5), /proc/pid/stat fields 14 and 15. */
export function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export interface Memory {
  /** Not reclaimable: heap, buffers, stacks. */
  readonly anonymousMb: number;
  /** With the pages of program and libraries that are mapped from files. */
  readonly residentMb: number;
}

/** Spec: proc(5), /proc/pid/smaps_rollup. */
export function memory(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN);
  return { anonymousMb: kilobytes('Anonymous') / 1024, residentMb: kilobytes('Rss') / 1024 };
}

/** Shares of a core that processes used, and their memory, over a span of time. */
export interface Usage extends Memory {
  readonly cores: number;
}

const SAMPLE_MS = 500;

/** Watches processes for a while: CPU of all of it, memory as the median of samples. Several pids are summed up. */
export async function watchProcesses(pids: readonly number[], seconds: number): Promise<Usage> {
  const cpu = (): number => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const anonymous: number[] = [];
  const resident: number[] = [];
  const startedAt = performance.now();
  const before = cpu();
  while (performance.now() - startedAt < seconds * 1_000) {
    await sleep(SAMPLE_MS);
    const all = pids.map(memory);
    anonymous.push(all.reduce((sum, one) => sum + one.anonymousMb, 0));
    resident.push(all.reduce((sum, one) => sum + one.residentMb, 0));
  }
  const elapsed = (performance.now() - startedAt) / 1_000;
  return { cores: (cpu() - before) / elapsed, anonymousMb: median(anonymous), residentMb: median(resident) };
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
