import test from 'ava';
import { SCALE_FACTOR_CODEBOOK, SPECTRAL_CODEBOOKS } from '#transcoder/aac/codebook-tables.ts';

const SIZES = [81, 81, 81, 81, 81, 81, 64, 64, 169, 169, 289];

test('every codebook has each of its entries once, and its codewords fill the tree', (t) => {
  t.is(SPECTRAL_CODEBOOKS.length, 11);
  for (const [index, { counts, order }] of [...SPECTRAL_CODEBOOKS, SCALE_FACTOR_CODEBOOK].entries()) {
    const size = SIZES[index] ?? 121;
    t.deepEqual(
      order.toSorted((a, b) => a - b),
      Array.from({ length: size }, (_, entry) => entry),
    );
    t.is(
      counts.reduce((sum, count) => sum + count, 0),
      size,
    );
    const kraft = counts.reduce((sum, count, shorter) => sum + count * 2 ** (20 - shorter - 1), 0);
    t.is(kraft, 2 ** 20, `codebook ${index + 1}`);
  }
});
