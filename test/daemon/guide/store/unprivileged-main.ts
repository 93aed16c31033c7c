/** Opens the guide in FOLDER, tries to write it, and prints what came of it. For a user who may not write there. */
import { KeptGuide } from '#daemon/guide/store/kept-store.ts';
import { errorCode } from '#shared/errors.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { makeEvents, makeProgrammes } from '#test/helpers/guide/schedules.ts';

const kept = new KeptGuide({ dataFolder: process.argv[2] ?? '', logger: createSilentLogger() });
let code: string | null = null;
try {
  await kept.store.update('a', makeProgrammes('a', makeEvents({ ref: '', seed: 9, fromSeconds: 1, count: 3 })));
} catch (error) {
  code = errorCode(error);
}
const size = [...kept.store.programmes('a')].length;
kept.retry();
process.stdout.write(JSON.stringify({ kind: kept.kind, problem: kept.problem, size, code }));
