/** Every real capture through the engine. They lie beside the project; without them these tests say so and end. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { realDataPath } from '#test/helpers/real-data.ts';
import { checkCapture } from '#test/transcoder/support/capture-check.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';

silenceFfmpegLog();

const FOLDER = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data', 'ts');
const FILES = existsSync(FOLDER) ? readdirSync(FOLDER).toSorted() : ['all'];

/** One that ffmpeg decodes without a word at first must still be so; where it complains at once, the start is different. */
for (const file of FILES) {
  test(`capture ${file}: nothing new is wrong with what comes out`, async (t) => {
    const path = realDataPath(t, `ts/${file}`);
    if (path === null) return;
    const check = await checkCapture(path);
    if (check.errorsOut === null) {
      t.truthy(check.remuxed.hopeless, 'no output, and why');
      return;
    }
    if (check.errorsIn?.length === 0) t.deepEqual(check.errorsOut, []);
    t.true(check.videoIntact, 'video byte for byte, in order');
    t.deepEqual(check.newFaults, []);
    t.is(check.tracksOut.length >= check.tracksIn.length, true, 'no track is lost');
  });
}
