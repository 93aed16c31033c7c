import { Worker } from 'node:worker_threads';
import { errorMessage } from '#shared/errors.ts';

/** A program of its own, as text, because the daemon is installed as one file. */
const PROGRAM = `
const { DatabaseSync } = require('node:sqlite');
const { parentPort, workerData } = require('node:worker_threads');
const connection = new DatabaseSync(workerData.file);
connection.exec('PRAGMA cache_size = -512');
const row = connection.prepare(workerData.sql).get();
connection.close();
parentPort.postMessage(String(Object.values(row ?? {})[0] ?? ''));
`;

/**
 * Reads the whole file: a guide of 200,000 programmes takes a second, in which streams go on. Resolves to what is wrong
 * with it, or null.
 */
export async function checkFile(file: string): Promise<string | null> {
  const answer = await runBeside(file, 'PRAGMA quick_check(1)');
  return answer === 'ok' || answer === '' ? null : answer;
}

/** Brings the log into the file. It waits for the disk, which takes a tenth of a second on a slow one. */
export async function checkpointFile(file: string): Promise<void> {
  await runBeside(file, 'PRAGMA wal_checkpoint(PASSIVE)');
}

/** One statement in a thread of its own; resolves to its first value, or to what went wrong. */
function runBeside(file: string, sql: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const worker = new Worker(PROGRAM, {
    eval: true,
    execArgv: [],
    workerData: { file, sql },
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 },
  });
  worker.unref();
  worker.once('message', (answer: string) => resolve(answer.replaceAll(/\s+/g, ' ')));
  worker.once('error', (error) => resolve(errorMessage(error)));
  worker.once('exit', () => resolve('')); // after an answer this is without effect
  return promise;
}
