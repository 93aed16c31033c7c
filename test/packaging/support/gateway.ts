import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { request } from 'undici';
import { probe } from '#test/helpers/ffprobe.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import type { Inside } from './machine.ts';
import { ROOT } from './packages.ts';

export const GATEWAY = 'http://127.0.0.1:8080';
export const RECEIVER = '127.0.0.1:8088';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export async function get(path: string): Promise<Answer> {
  const { statusCode, body } = await request(`${GATEWAY}${path}`, { reset: true });
  return { status: statusCode, text: await body.text() };
}

/** The simulated receiver, which ends with this process, however that ends. */
export async function startReceiver(): Promise<() => void> {
  const command = [process.execPath, join(ROOT, 'test/receiver/main.ts')];
  const child = spawn('setpriv', ['--pdeathsig=KILL', ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', () => resolve());
    child.once('exit', (code) => reject(new Error(`the receiver ended with ${code}`)));
  });
  return () => child.kill('SIGTERM');
}

export async function untilReady(): Promise<void> {
  let last = '';
  const ready = async (): Promise<boolean> => {
    const { status, text } = await get('/readyz');
    last = text;
    return status === 200;
  };
  await eventually(ready, { what: 'the gateway to be ready', timeoutMs: 15_000 }).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${last}`);
  });
}

/** The address of the first channel's stream. */
export async function firstStream(): Promise<string> {
  const { text } = await get('/playlist.m3u');
  const path = /\/stream\/\S+/.exec(text)?.[0];
  if (path === undefined) throw new Error(`no stream in ${text.slice(0, 500)}`);
  return `${GATEWAY}${path}`;
}

/** Codecs in a recording, such as `h264 aac`. */
export async function codecs(recording: Buffer): Promise<string> {
  const { streams } = await probe(recording);
  return streams
    .filter(({ codec_type: type }) => type === 'video' || type === 'audio')
    .map(({ codec_name: name }) => name ?? '?')
    .join(' ');
}

/** The value of a metric without labels; 0 when it is not there. */
export async function metric(name: string): Promise<number> {
  const { text } = await get('/metrics');
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}

export async function mainPid(inside: Inside, unit: string): Promise<number> {
  return Number(await inside.must('systemctl', 'show', '--value', '--property=MainPID', unit));
}

/** Milliseconds that a unit took from its start to READY=1. */
export async function startMs(inside: Inside, unit: string): Promise<number> {
  const text = await inside.must(
    'systemctl',
    'show',
    '--property=InactiveExitTimestampMonotonic,ActiveEnterTimestampMonotonic',
    unit,
  );
  const at = (name: string): number => Number(new RegExp(`${name}=(\\d+)`).exec(text)?.[1]);
  return Math.round((at('ActiveEnterTimestampMonotonic') - at('InactiveExitTimestampMonotonic')) / 1000);
}

/** MiB of a process by kind: `Rss`, `Pss`, `Anonymous` … */
export async function memoryMib(inside: Inside, pid: number, kind: string): Promise<number> {
  const text = await inside.must('cat', `/proc/${pid}/smaps_rollup`);
  return Math.round(Number(new RegExp(`^${kind}: +(\\d+) kB`, 'm').exec(text)?.[1]) / 102.4) / 10;
}

export async function journal(inside: Inside, unit: string): Promise<string> {
  return inside.output('journalctl', '--no-pager', '--output=cat', `--unit=${unit}`);
}
