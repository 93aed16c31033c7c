import test from 'ava';
import {
  descriptorsLength,
  findDescriptor,
  languageDescriptor,
  languageOf,
  parseDescriptors,
  registrationOf,
  writeDescriptors,
} from '#shared/mpegts/descriptors.ts';
import { descriptor } from '#test/helpers/ts-builder.ts';

const read = (...loops: Buffer[]) => {
  const bytes = Buffer.concat(loops);
  return parseDescriptors(bytes, 0, bytes.length);
};

test('a loop is read and written byte for byte, reserved and private tags included', (t) => {
  const loop = Buffer.concat([
    descriptor(0x00),
    descriptor(0x01, 1),
    descriptor(0x52, 7),
    descriptor(0x7f, 0x06, 1, 2),
    descriptor(0xfe, 'x'.repeat(255)),
    descriptor(0xff, 0xff),
  ]);
  const found = read(loop);
  t.deepEqual(
    found.map(({ tag, payload }) => [tag, payload.length]),
    [
      [0x00, 0],
      [0x01, 1],
      [0x52, 1],
      [0x7f, 3],
      [0xfe, 255],
      [0xff, 1],
    ],
  );
  t.is(descriptorsLength(found), loop.length);
  const room = Buffer.alloc(loop.length + 2, 0x55);
  t.is(writeDescriptors(room, 1, found), loop.length);
  t.true(room.subarray(1, -1).equals(loop));
  t.deepEqual([room[0], room.at(-1)], [0x55, 0x55]);
});

test('only the given range is read, and what is kept is a copy', (t) => {
  const bytes = Buffer.concat([Buffer.from([9, 9, 9]), descriptor(0x0a, 'deu', 0), descriptor(0x0a, 'eng', 0)]);
  const found = parseDescriptors(bytes, 3, 9);
  bytes.fill(0);
  t.is(found.length, 1);
  t.is(languageOf(found)?.code, 'deu');
});

for (const [name, tail] of [
  ['its length is missing', [0x0a]],
  ['it runs past the end by a byte', [0x0a, 4, 0x64, 0x65, 0x75]],
  ['it claims 255 bytes', [0x0a, 255]],
] as const) {
  test(`a last descriptor is cut off when ${name}`, (t) => {
    const found = read(descriptor(0x52, 1), Buffer.from(tail));
    t.deepEqual(
      found.map(({ tag }) => tag),
      [0x52],
    );
  });
}

test('the first descriptor with a tag is found', (t) => {
  const found = read(descriptor(0x52, 1), descriptor(0x0a, 'a'), descriptor(0x52, 2));
  t.deepEqual([...(findDescriptor(found, 0x52)?.payload ?? [])], [1]);
  t.is(findDescriptor(found, 0x53), null);
});

const language = test.macro<[readonly (string | number)[], ReturnType<typeof languageOf>]>({
  exec(t, contents, expected) {
    t.deepEqual(languageOf(read(descriptor(0x52, 1), descriptor(0x0a, ...contents))), expected);
  },
  title: (_, contents) => `language descriptor of ${JSON.stringify(contents)}`,
});
test(language, ['deu', 0], { code: 'deu', audioType: 'undefined' });
test(language, ['DEU', 1], { code: 'deu', audioType: 'clean-effects' });
test(language, ['eng', 2], { code: 'eng', audioType: 'hearing-impaired' });
test(language, ['fra', 3], { code: 'fra', audioType: 'visual-impaired-commentary' });
test(language, ['qaa', 4], { code: 'qaa', audioType: 'reserved' });
test(language, ['qaa', 255], { code: 'qaa', audioType: 'reserved' });
test(language, ['deu', 0, 'eng', 0], { code: 'deu', audioType: 'undefined' });
test(language, ['deu'], null);
test(language, [], null);

test('no language descriptor is no language', (t) => {
  t.is(languageOf([]), null);
});

test('a language descriptor is written as it is read', (t) => {
  for (const audioType of ['undefined', 'clean-effects', 'hearing-impaired', 'visual-impaired-commentary'] as const) {
    t.deepEqual(languageOf([languageDescriptor('ita', audioType)]), { code: 'ita', audioType });
  }
  t.deepEqual([...languageDescriptor('de').payload], [0x64, 0x65, 0x20, 0]);
  t.is(languageDescriptor('deutsch').payload.length, 4);
});

test('a registration is its first four letters', (t) => {
  t.is(registrationOf(read(descriptor(0x05, 'AC-3'))), 'AC-3');
  t.is(registrationOf(read(descriptor(0x05, 'HDMV', 1, 2, 3))), 'HDMV');
  t.is(registrationOf(read(descriptor(0x05, 'AC-'))), null);
  t.is(registrationOf([]), null);
});
