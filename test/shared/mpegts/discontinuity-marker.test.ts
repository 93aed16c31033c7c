import test from 'ava';
import { hasDiscontinuityIndicator, pcrAt } from '#shared/mpegts/adaptation-field.ts';
import { DiscontinuityMarker } from '#shared/mpegts/discontinuity-marker.ts';
import { continuityAt, hasPayload, hasPayloadStart, pidAt } from '#shared/mpegts/packet.ts';
import { testProgramme, VIDEO_PID } from '#test/helpers/test-programme.ts';
import { checkTransportStream } from '#test/helpers/tr101290.ts';
import { packet, TsWriter } from '#test/helpers/ts-builder.ts';

const payload = Buffer.alloc(184, 1);
const short = Buffer.alloc(100, 1);

/** What each packet says: PID, counter, start, payload, clock, mark. */
function described(bytes: Buffer): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 188) {
    const flags = [
      hasPayloadStart(bytes, at) ? 'start' : hasPayload(bytes, at) ? 'more' : 'empty',
      ...(pcrAt(bytes, at) === null ? [] : [`pcr${pcrAt(bytes, at)}`]),
      ...(hasDiscontinuityIndicator(bytes, at) ? ['marked'] : []),
    ];
    lines.push(`${pidAt(bytes, at)}/${continuityAt(bytes, at)} ${flags.join(' ')}`);
  }
  return lines;
}

test('without an interruption the buffer itself comes back', (t) => {
  const bytes = testProgramme({ durationMs: 100 });
  t.is(new DiscontinuityMarker().push(bytes), bytes);
});

test('each PID goes on with a start, marked once; the rest of a broken picture is dropped', (t) => {
  const marker = new DiscontinuityMarker();
  marker.begin();
  const input = Buffer.concat([
    packet({ pid: 0x100, counter: 4, payload }),
    packet({ pid: 0x100, counter: 5, payload, payloadStart: true }),
    packet({ pid: 0x101, counter: 0, payload: short, payloadStart: true, adaptation: {} }),
    packet({ pid: 0x100, counter: 6, payload }),
    packet({ pid: 0x101, counter: 1, payload: short, payloadStart: true, adaptation: {} }),
  ]);
  t.deepEqual(described(marker.push(input)), [
    '256/4 empty marked',
    '256/5 start',
    '257/0 start marked',
    '256/6 more',
    '257/1 start',
  ]);
  const next = Buffer.concat([packet({ pid: 0x100, counter: 7, payload })]);
  t.is(marker.push(next), next);
});

test('the first PCR is marked, where it stands in a broken picture too', (t) => {
  const marker = new DiscontinuityMarker();
  marker.begin();
  const input = Buffer.concat([
    packet({ pid: 0x100, counter: 9, payload: short, adaptation: { pcr: 900 } }),
    packet({ pid: 0x100, counter: 10, payload, payloadStart: true }),
    packet({ pid: 0x100, counter: 11, payload: short, adaptation: { pcr: 1800 } }),
  ]);
  t.deepEqual(described(marker.push(input)), [
    '256/9 empty pcr900 marked',
    '256/9 empty marked',
    '256/10 start',
    '256/11 more pcr1800',
  ]);
});

test('a picture without PCR goes on before the clock does: the PCR behind it is marked', (t) => {
  const marker = new DiscontinuityMarker();
  marker.begin();
  const writer = new TsWriter();
  writer.packet({ pid: 0x100, payload, payloadStart: true });
  writer.packet({ pid: 0x100, payload: short, adaptation: { pcr: 2700 } });
  writer.packet({ pid: 0x100, payload: short, adaptation: { pcr: 3000 } });
  t.deepEqual(described(marker.push(writer.bytes())).slice(2), ['256/1 more pcr2700 marked', '256/2 more pcr3000']);
});

test('the source is not written into', (t) => {
  const marker = new DiscontinuityMarker();
  marker.begin();
  const input = testProgramme({ durationMs: 200 });
  const before = Buffer.from(input);
  t.notDeepEqual(marker.push(input), before);
  t.deepEqual(input, before);
});

test('two pieces of a programme that do not belong together have no error by TR 101 290 when marked', (t) => {
  const all = testProgramme({ durationMs: 4_000 });
  const [first, second] = [all.subarray(0, 1_003 * 188), all.subarray(2_517 * 188)];
  const unmarked = checkTransportStream(Buffer.concat([first, second]));
  t.true((unmarked.errors.continuity?.count ?? 0) > 0);
  const marker = new DiscontinuityMarker();
  marker.begin();
  const marked = checkTransportStream(Buffer.concat([first, marker.push(second)]));
  t.is(marked.errors.continuity, undefined);
  t.is(marked.errors['pcr-discontinuity'], undefined);
  t.true(marked.pids.has(VIDEO_PID));
});
