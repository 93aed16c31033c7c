import test from 'ava';
import { FilterBank } from '#transcoder/aac/filter-bank.ts';
import { EIGHT_SHORT, LONG_START, LONG_STOP, ONLY_LONG } from '#transcoder/aac/windows.ts';

const energy = (lines: Float64Array): number => lines.reduce((sum, line) => sum + line * line, 0);

test('what lies where a sequence is silent does not get into its lines', (t) => {
  const bank = new FilterBank();
  const lines = new Float64Array(1024);
  const at = (sample: number): Float64Array => {
    const window = new Float64Array(2048);
    window[sample] = 1000;
    return window;
  };
  for (const [sequence, silent, heard] of [
    [LONG_START, 1024 + 576, 1024 + 447],
    [LONG_STOP, 447, 576],
    [EIGHT_SHORT, 447, 460],
    [EIGHT_SHORT, 1024 + 576, 1024 + 570],
    [ONLY_LONG, -1, 2],
  ] as const) {
    if (silent >= 0) {
      bank.transform(at(silent), sequence, lines);
      t.true(energy(lines) < 1e-9, `sequence ${sequence}, sample ${silent}`);
    }
    bank.transform(at(heard), sequence, lines);
    t.true(energy(lines) > 1, `sequence ${sequence}, sample ${heard}`);
  }
});

test('the window before the first short one ends where that begins', (t) => {
  const bank = new FilterBank();
  const lines = new Float64Array(128);
  const window = new Float64Array(2048);
  window[448] = 1000;
  bank.transformBefore(window, lines);
  t.true(energy(lines) < 1e-9);
  window[440] = 1000;
  bank.transformBefore(window, lines);
  t.true(energy(lines) > 1);
});
