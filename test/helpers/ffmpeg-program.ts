import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RunOptions {
  readonly command: 'ffmpeg' | 'ffprobe';
  readonly args: readonly string[];
  /** Written to standard input, which is closed after it. */
  readonly input?: Uint8Array;
  /** Takes standard output as it comes instead of gathering it. */
  readonly onStdout?: (chunk: Buffer) => void;
  readonly signal?: AbortSignal;
  /** Default 60,000. */
  readonly timeoutMs?: number;
}

export interface RunResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/**
 * Runs the installed ffmpeg or ffprobe, a second opinion that shares no code with what is tested.
 *
 * @throws Error when it is not installed, is aborted or exceeds its time. A bad exit code is the caller's to judge.
 */
export function runFfmpeg(options: RunOptions): Promise<RunResult> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 60_000);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  return new Promise((resolve, reject) => {
    const child = spawn(options.command, options.args, { signal, killSignal: 'SIGKILL', stdio: 'pipe' });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', options.onStdout ?? ((chunk: Buffer) => stdout.push(chunk)));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => undefined); // EPIPE: it may stop reading before the end, the exit code tells
    child.stdin.end(options.input);
    child.once('error', (error) => {
      reject(new Error(`${options.command} ${options.args.join(' ')}: ${error.message}`, { cause: error }));
    });
    child.once('close', (code) => {
      resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') });
    });
  });
}

/** Lends `use` a path for media that may be in memory; the copy on disk is gone afterwards. */
export async function withMediaFile<T>(media: string | Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  if (typeof media === 'string') return use(media);
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-media-'));
  try {
    const path = join(folder, 'media.ts');
    await writeFile(path, media);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
