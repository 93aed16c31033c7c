import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { MemoryGuideStore } from '#daemon/guide/store.ts';
import { writeXmltv } from '#daemon/guide/xmltv.ts';
import { makeEvents, makeProgrammes } from '#test/helpers/guide/schedules.ts';
import { channel } from '../support/channels.ts';

const FROM = 1_800_000_000;
const CHANNELS = [channel(1), channel(2, { name: 'Zwei & "Drei" <4>' })];
const EACH = 60;

async function writtenGuide(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-xmltv-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const guide = new MemoryGuideStore();
  for (const [index, { id }] of CHANNELS.entries()) {
    const events = makeEvents({ ref: '', seed: index, fromSeconds: FROM, count: EACH });
    await guide.update(id, makeProgrammes(id, events));
  }
  const file = join(folder, 'guide.xml');
  await writeFile(file, [...writeXmltv({ channels: CHANNELS, guide, baseUrl: 'http://x', language: 'de' })].join(''));
  return file;
}

/** A program of the XMLTV project, with what it says. */
async function run(program: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return { code, output };
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

test('the XMLTV tools read all of it and give it back: sorted, without complaints about overlaps or duplicates', async (t) => {
  const file = await writtenGuide(t);
  const sorted = `${file}.sorted`;
  const { code, output } = await run('tv_sort', '--duplicate-error', '--output', sorted, file);
  t.deepEqual([code, output], [0, '']);
  const text = await readFile(sorted, 'utf8');
  t.is(count(text, /<programme /g), CHANNELS.length * EACH);
  t.is(count(text, /<channel /g), CHANNELS.length);
  const original = await readFile(file, 'utf8');
  for (const element of ['title', 'sub-title', 'desc', 'actor', 'episode-num', 'category', 'country', 'date']) {
    const tags = new RegExp(`<${element}[ >]`, 'g');
    t.is(count(text, tags), count(original, tags), element);
    t.true(count(text, tags) > 0, element);
  }
  t.true(text.includes('Zwei &amp; &quot;Drei&quot; &lt;4&gt;') || text.includes('Zwei &amp; "Drei" &lt;4&gt;'));
});

test('they find programmes by channel', async (t) => {
  const file = await writtenGuide(t);
  const { code, output } = await run('tv_grep', '--channel-id', channel(2).id, file);
  t.is(code, 0);
  t.is(count(output, /<programme /g), EACH);
  t.is(count(output, new RegExp(`channel="${channel(2).id}"`, 'g')), EACH);
});
