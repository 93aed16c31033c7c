import test from 'ava';
import { BitWriter } from '#transcoder/aac/bit-writer.ts';
import { Element, type ElementOptions } from '#transcoder/aac/element.ts';
import { FilterBank } from '#transcoder/aac/filter-bank.ts';
import { maskingOf } from '#transcoder/aac/masking.ts';
import { Sections } from '#transcoder/aac/sections.ts';
import { tablesAt } from './support/one-frame.ts';
import { noiseSource, plane } from './support/sounds.ts';

const tables = tablesAt(48_000);

function element(options: Partial<ElementOptions> = {}): Element {
  return new Element(
    { kind: 'single', tag: 0, planes: [0], longBands: 47, shortBands: 13, ...options },
    { tables, masking: maskingOf(tables, 48_000), filterBank: new FilterBank(), sections: new Sections(), tnsFirst: 9 },
  );
}

test('a click late in a frame is met with short windows in the next, an early one is urgent', (t) => {
  for (const [at, urgent, short] of [
    [900, false, true],
    [40, true, false],
  ] as const) {
    const random = noiseSource(4);
    const samples = plane(6 * 1024, (i) => 0.001 * random() + (i >= 4096 + at && i < 4106 + at ? 0.8 : 0));
    const one = element();
    for (let frame = 0; frame < 5; frame++) one.analyse([samples], frame * 1024);
    t.is(one.isUrgent, urgent, `click at ${at}`);
    t.false(one.isShort);
    one.analyse([samples], 5 * 1024);
    t.is(one.isShort, short, `click at ${at}`);
    const windows = one.layout.groupWindows.subarray(0, one.layout.groups).reduce((sum, count) => sum + count, 0);
    t.is(windows, short ? 8 : 1);
  }
});

test('an LFE element is long whatever happens', (t) => {
  const samples = plane(8 * 1024, (i) => (i % 1500 < 8 ? 0.9 : 0));
  const one = element({ kind: 'lfe' });
  for (let frame = 0; frame < 8; frame++) {
    one.analyse([samples], frame * 1024);
    t.is(one.layout.sequence, 0);
  }
});

test('coarser steps make it shorter, down to next to nothing', (t) => {
  const random = noiseSource(4);
  const planes = [plane(4096, random), plane(4096, random)];
  const pair = element({ kind: 'pair', planes: [0, 1] });
  for (let frame = 0; frame < 4; frame++) pair.analyse(planes, frame * 1024);
  const writer = new BitWriter(1 << 16);
  const lengths = [0, 4, 200].map((coarser) => {
    writer.reset();
    pair.quantise(0, coarser);
    pair.write(writer);
    return writer.bits;
  });
  for (let i = 1; i < lengths.length; i++) t.true((lengths[i] as number) < (lengths[i - 1] as number), `${lengths}`);
  t.true((lengths.at(-1) as number) < 150);
});
