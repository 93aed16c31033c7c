import test from 'ava';
import { type Delivery, deliveriesOf, deliveryOf, fitsTuners } from '#daemon/tuners/demodulators.ts';

const TYPES: readonly (readonly [string, string])[] = [
  ['Vuplus DVB-S NIM(AVL6222) (DVB-S2)', 's'],
  ['Vuplus DVB-C NIM(TT3L10) (MultiType DVB-C/T2)', 'ct'],
  ['DVB-T TV Stick (DVB-T)', 't'],
  ['Vuplus DVB-S NIM(7376 FBC) (DVB-S2X)', 's'],
  ['GigaBlue DVB-S2X/T2', 'st'],
  ['Alps BSBE2', 'sct'],
  ['', 'sct'],
];
for (const [type, expected] of TYPES) {
  test(`a tuner called "${type}" receives ${expected}`, (t) => t.is(deliveriesOf(type).join(''), expected));
}

test('namespaces tell satellite, cable and terrestrial apart', (t) => {
  t.deepEqual(['c00000:3fb:1', 'ffff0132:7:46', 'eeee0000:1:233a', '11a0000:800:2'].map(deliveryOf), [
    's',
    'c',
    't',
    's',
  ]);
});

const tuners = (...texts: string[]): Delivery[][] => texts.map((text) => [...text] as Delivery[]);
const CASES: readonly (readonly [string, Delivery[][], string[], number, boolean])[] = [
  ['two transponders on two tuners', tuners('s', 's'), ['c00000:1:1', 'c00000:2:1'], 0, true],
  ['three on two do not', tuners('s', 's'), ['c00000:1:1', 'c00000:2:1', 'c00000:3:1'], 0, false],
  ['cable on a satellite tuner does not', tuners('s'), ['ffff0000:1:1'], 0, false],
  ['the tuner for both is left to the one that needs it', tuners('ct', 't'), ['eeee0000:1:1', 'ffff0000:1:1'], 0, true],
  [
    'two terrestrial ones and a cable one do not fit',
    tuners('ct', 't'),
    ['eeee0000:1:1', 'eeee0000:2:1', 'ffff0000:1:1'],
    0,
    false,
  ],
  ['one with one to spare', tuners('s', 's'), ['c00000:1:1'], 1, true],
  ['two with one to spare do not', tuners('s', 's'), ['c00000:1:1', 'c00000:2:1'], 1, false],
  ['nothing always fits', [], [], 0, true],
];
for (const [title, boxTuners, transponders, spare, expected] of CASES) {
  test(`tuners: ${title}`, (t) => t.is(fitsTuners(boxTuners, new Set(transponders), spare), expected));
}
