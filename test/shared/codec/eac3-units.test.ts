import test from 'ava';
import { type Ac3Header, parseAc3Header } from '#shared/codec/ac3.ts';
import { Eac3Units } from '#shared/codec/eac3-units.ts';
import { ac3Header, eac3Header, filled } from '#test/transcoder/support/audio-frames.ts';

/** A letter says what a frame is: I independent, D dependent, J another independent one, C an AC-3 core. */
const FRAMES: Readonly<Record<string, (mark: number) => Buffer>> = {
  I: (mark) => filled(eac3Header({ length: 100 }), 100, mark),
  D: (mark) => filled(eac3Header({ strmtyp: 1, length: 60 }), 60, mark),
  E: (mark) => filled(eac3Header({ strmtyp: 1, substreamid: 1, length: 40 }), 40, mark),
  J: (mark) => filled(eac3Header({ substreamid: 1, length: 80 }), 80, mark),
  C: (mark) => filled(ac3Header(), 768, mark),
};

/** Pushes the frames that `script` names and writes down what comes out when: `I|ID|`, a bar after each push. */
function run(script: string) {
  let log = '';
  const positions: number[] = [];
  const units = new Eac3Units(({ bytes, header, position }) => {
    positions.push(position);
    let unit = '';
    for (let at = 0; at < bytes.length; ) {
      const frame = parseAc3Header(bytes, at, bytes.length) as Ac3Header;
      unit += name(frame);
      at += frame.length;
    }
    log += unit;
    if (header.streamType !== 0 || header.substreamId !== 0) log += '!';
  });
  let position = 0;
  for (const letter of script) {
    if (letter === 'R') units.reset();
    else if (letter === 'F') units.finish();
    else {
      const bytes = FRAMES[letter]?.(position & 0xff) ?? Buffer.alloc(0);
      units.push(bytes, parseAc3Header(bytes, 0, bytes.length) as Ac3Header, position);
      bytes.fill(0); // views end with the call
      position += bytes.length;
    }
    log += '|';
  }
  return { log, positions };
}

function name(header: Ac3Header): string {
  if (!header.enhanced) return 'C';
  if (header.streamType === 1) return header.substreamId === 0 ? 'D' : 'E';
  return header.substreamId === 0 ? 'I' : 'J';
}

const units = test.macro<[string, string]>({
  exec(t, script, expected) {
    t.is(run(script).log, expected);
  },
  title: (what, script) => `${what}: ${script}`,
});

test('a stream without dependents is never held back', units, 'IIII', 'I|I|I|I|');
test('a dependent is joined to its independent frame from the second unit on', units, 'IDIDID', 'I|||ID||ID|');
test('two dependents are joined in order', units, 'IDEIDEIDE', 'I|||||IDE|||IDE|');
test('further independent substreams are other programmes, with their dependents', units, 'IJIJIJ', 'I||I||I||');
test('dependents of another programme are not taken for ours', units, 'IJDIJDIJD', 'I|||I|||I|||');
test('ours are kept beside another programme', units, 'IDJDIDJDIDJD', 'I|||||ID||||ID|||');
test('dependents that end do not keep a unit for ever', units, 'IDIDIII', 'I|||ID||II|I|');
test('dependents that come later are joined as well', units, 'IIIDIDID', 'I|I|I|||ID||ID|');
test('an AC-3 core may have dependents', units, 'CDCD', 'C|||CD|');
test('after a loss the held half is dropped and the next unit is whole', units, 'IDIDIRIDID', 'I|||ID||||ID||ID|');
test('at the end what is held comes out', units, 'IDIDIF', 'I|||ID||I|');
test('a dependent without its independent frame is nothing', units, 'DDI', '|||');

test('a unit lies where its independent frame does', (t) => {
  t.deepEqual(run('IDIDID').positions, [0, 160, 320]);
});

test('more dependents than the syntax allows neither grow a unit without bound nor are an error', (t) => {
  const script = `I${'D'.repeat(2000)}`.repeat(2);
  t.notThrows(() => run(script));
});
