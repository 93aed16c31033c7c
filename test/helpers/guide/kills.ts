import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GUIDE_FILE, KeptGuide } from '#daemon/guide/store/kept-store.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { Random } from '../../fuzz/random.ts';
import { guideFaults } from './check-guide.ts';

const WRITER = fileURLToPath(new URL('./writer-main.ts', import.meta.url));
/** Within that time after the beginning of a refresh the kill comes: a round takes about half of it. */
const MAX_KILL_AFTER_MS = 400;

export interface KillResult {
  readonly killedAfterMs: number;
  readonly programmes: number;
  readonly revision: number;
  readonly faults: readonly string[];
}

/** Kills a refresh that writes into `folder`, `count` times, and looks at the guide after each. */
export async function* killRefreshes(
  folder: string,
  options: { count: number; seed: number },
): AsyncGenerator<KillResult> {
  const random = new Random(options.seed);
  const file = join(folder, GUIDE_FILE);
  for (let round = 0; round < options.count; round++) {
    const killAfterMs = random.below(MAX_KILL_AFTER_MS);
    const writer = spawn(process.execPath, [WRITER, folder, String(options.seed + round)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const closed = once(writer, 'close');
    const output: string[] = [];
    writer.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
    await Promise.race([once(writer.stdout, 'data'), closed]);
    // The point of the kill is a moment in time, whatever the process does then.
    await delay(killAfterMs);
    writer.kill('SIGKILL');
    await closed;
    const faults = existsSync(file) ? guideFaults(file) : [`there is no ${GUIDE_FILE}`];
    if (output.join('') !== 'filling\n') faults.push(`the writer said: ${output.join('').slice(0, 500)}`);
    const kept = new KeptGuide({ dataFolder: folder, logger: createSilentLogger() });
    const { size: programmes, revision } = kept.store;
    if (kept.problem !== null) faults.push(kept.problem);
    kept.close();
    if (readdirSync(folder).some((name) => name.includes('broken'))) faults.push('a file was set aside');
    yield { killedAfterMs: killAfterMs, programmes, revision, faults };
  }
}
