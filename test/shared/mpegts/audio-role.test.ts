import test from 'ava';
import { type AudioRole, audioRoleOf, audioTypeOf } from '#shared/mpegts/audio-role.ts';
import { parseDescriptors } from '#shared/mpegts/descriptors.ts';
import { descriptor } from '#test/helpers/ts-builder.ts';

const roleOf = (...loops: Buffer[]): AudioRole => {
  const bytes = Buffer.concat(loops);
  return audioRoleOf(parseDescriptors(bytes, 0, bytes.length));
};

const role = test.macro((t, loops: readonly Buffer[], expected: AudioRole) => {
  t.is(roleOf(...loops), expected);
});

/** supplementary_audio_descriptor: mix_type, editorial_classification, reserved, language_code_present. */
const supplementary = (mix: number, classification: number): Buffer =>
  descriptor(0x7f, 0x06, (mix << 7) | (classification << 2) | 0x02);
/** AC-3_descriptor with a component_type: service type in bits 5…3. */
const ac3 = (tag: number, service: number): Buffer => descriptor(tag, 0x80, 0x40 | (service << 3) | 0x02);

test('no descriptor at all: everybody', role, [], 'main');
test('a language alone: everybody', role, [descriptor(0x0a, 'deu', 0)], 'main');
test('clean effects: everybody', role, [descriptor(0x0a, 'deu', 1)], 'main');
test('audio_type 2: hearing impaired', role, [descriptor(0x0a, 'deu', 2)], 'hearing-impaired');
test('audio_type 3: audio description', role, [descriptor(0x0a, 'deu', 3)], 'audio-description');
test('a reserved audio_type: everybody', role, [descriptor(0x0a, 'deu', 4)], 'main');
test('language qad: audio description', role, [descriptor(0x0a, 'qad', 0)], 'audio-description');
test('language QAD: audio description', role, [descriptor(0x0a, 'QAD', 0)], 'audio-description');
test('language qaa, original sound: everybody', role, [descriptor(0x0a, 'qaa', 0)], 'main');

for (const mix of [0, 1]) {
  test(`supplementary, main, mix_type ${mix}`, role, [supplementary(mix, 0)], 'main');
  test(`supplementary, audio description, mix_type ${mix}`, role, [supplementary(mix, 1)], 'audio-description');
  test(`supplementary, hearing impaired, mix_type ${mix}`, role, [supplementary(mix, 2)], 'hearing-impaired');
  test(`supplementary, spoken subtitles, mix_type ${mix}`, role, [supplementary(mix, 3)], 'spoken-subtitles');
  test(`supplementary, reserved, mix_type ${mix}`, role, [supplementary(mix, 17)], 'main');
}
test('another extension descriptor says nothing of the sort', role, [descriptor(0x7f, 0x04, 0x04)], 'main');
test('a supplementary descriptor without its second byte says nothing', role, [descriptor(0x7f, 0x06)], 'main');

for (const [name, tag] of [
  ['AC-3', 0x6a],
  ['E-AC-3', 0x7a],
] as const) {
  test(`${name}, complete main`, role, [ac3(tag, 0)], 'main');
  test(`${name}, visually impaired`, role, [ac3(tag, 2)], 'audio-description');
  test(`${name}, hearing impaired`, role, [ac3(tag, 3)], 'hearing-impaired');
  test(`${name}, commentary`, role, [ac3(tag, 5)], 'main');
  test(`${name}, no component_type`, role, [descriptor(tag, 0x20, 0x50)], 'main');
  test(`${name}, component_type promised but missing`, role, [descriptor(tag, 0x80)], 'main');
  test(`${name}, empty`, role, [descriptor(tag)], 'main');
}

test('what says most counts: DVB before audio_type, in any order', (t) => {
  t.is(roleOf(descriptor(0x0a, 'deu', 0), supplementary(1, 1)), 'audio-description');
  t.is(roleOf(supplementary(1, 3), descriptor(0x0a, 'deu', 3)), 'spoken-subtitles');
  t.is(roleOf(ac3(0x6a, 0), descriptor(0x0a, 'deu', 3)), 'audio-description', 'a main component_type denies nothing');
  t.is(roleOf(supplementary(1, 0), descriptor(0x0a, 'qad', 0)), 'audio-description');
});

test('audio_type says the same to players that know no DVB descriptors', (t) => {
  t.is(audioTypeOf('main'), 'undefined');
  t.is(audioTypeOf('audio-description'), 'visual-impaired-commentary');
  t.is(audioTypeOf('hearing-impaired'), 'hearing-impaired');
  t.is(audioTypeOf('spoken-subtitles'), 'undefined');
});
