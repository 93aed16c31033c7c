import { Worker } from 'node:worker_threads';
import { errorMessage } from '#shared/errors.ts';

/** A program of its own, as text, because the daemon is installed as one file. */
const PROGRAM = `
const { DatabaseSync } = require('node:sqlite');
const { parentPort, workerData } = require('node:worker_threads');
const connection = new DatabaseSync(workerData.file, { readOnly: true });
connection.exec('PRAGMA cache_size = -512');
const row = connection.prepare('PRAGMA quick_check(1)').get();
connection.close();
parentPort.postMessage(String(row?.quick_check ?? ''));
`;

/**
 * Reads the whole file in a thread of its own: a guide of 200,000 programmes takes a second, in which streams go on.
 * Resolves to what is wrong with it, or null.
 */
export function checkFile(file: string): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const worker = new Worker(PROGRAM, {
    eval: true,
    execArgv: [],
    workerData: { file },
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  });
  worker.unref();
  worker.once('message', (answer: string) => resolve(answer === 'ok' ? null : answer));
  worker.once('error', (error) => resolve(errorMessage(error)));
  worker.once('exit', () => resolve(null)); // after an answer this is without effect
  return promise;
}
