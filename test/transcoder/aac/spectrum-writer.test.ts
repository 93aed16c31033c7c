import test from 'ava';
import { BitWriter } from '#transcoder/aac/bit-writer.ts';
import { SPECTRAL, type SpectralCodebook } from '#transcoder/aac/codebooks.ts';
import { writeLines } from '#transcoder/aac/spectrum-writer.ts';

/** Codewords by table 4.A.2 ff, signs and escapes behind them. That FFmpeg reads all of them, codebooks.test.ts shows. */
const written = test.macro<[number, readonly number[], string]>({
  exec(t, book, lines, expected) {
    const writer = new BitWriter(64);
    writeLines(writer, Int16Array.from([99, ...lines, 99]), 1, 1 + lines.length, book);
    const { bits } = writer;
    writer.align();
    const text = [...writer.bytes.subarray(0, Math.ceil(bits / 8))].map((byte) => byte.toString(2).padStart(8, '0'));
    t.is(text.join('').slice(0, bits), expected.replaceAll(' ', ''));
  },
  title: (_, book, lines) => `codebook ${book} writes ${lines.join(', ')}`,
});
test(written, 1, [0, 0, 0, 0], '0');
test(written, 3, [0, 0, 0, 0], '0');
test(written, 3, [0, 0, 0, -1], '1001 1');
test(written, 5, [0, 0, 0, 0], '0 0');
test(written, 7, [0, 0, 0, -1, 1, 0], '0 101 1 100 0');
test(written, 9, [0, 0], '0');
test(written, 11, [0, 0], '0000');

test('an escape follows its codeword and sign', (t) => {
  const writer = new BitWriter(64);
  writeLines(writer, Int16Array.of(-37, 0), 0, 2, 11);
  const { codes, lengths } = SPECTRAL[11] as SpectralCodebook;
  const index = 16 * 17;
  const codeword = (codes[index] as number).toString(2).padStart(lengths[index] as number, '0');
  const expected = `${codeword}1${'10'}${'00101'}`; // sign, N = 1, 37 − 32 in five bits
  const { bits } = writer;
  writer.align();
  const text = [...writer.bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  t.is(text.slice(0, bits), expected);
});
