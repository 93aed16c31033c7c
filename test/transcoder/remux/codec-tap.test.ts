import test from 'ava';
import { type PesFields, section, sectionPackets, TsWriter } from '#test/helpers/ts-builder.ts';
import { CodecTap, type TapVerdict } from '#transcoder/remux/codec-tap.ts';
import { ac3Header, filled, mp2Frame } from '../support/audio-frames.ts';

const AC3 = Buffer.concat(Array.from({ length: 60 }, (_, mark) => filled(ac3Header(), 768, mark)));

function tapped(data: Buffer, fields: Partial<PesFields> = {}, size = 1500): TapVerdict[] {
  const found: TapVerdict[] = [];
  const tap = new CodecTap((verdict) => found.push(verdict));
  const writer = new TsWriter();
  for (let at = 0; at < data.length; at += size) {
    writer.pes(0x100, { streamId: 0xbd, pts: at, data: data.subarray(at, at + size), ...fields });
  }
  for (const bytes of writer.packets) tap.pushPacket(bytes, 0);
  return found;
}

test('audio without a name is told by its frames, once', (t) => {
  t.deepEqual(tapped(AC3), ['ac3']);
  t.deepEqual(tapped(Buffer.concat(Array.from({ length: 60 }, (_, mark) => mp2Frame(mark)))), ['mpeg-audio']);
});

test('every stream_id that may carry audio is looked into, no other', (t) => {
  for (const streamId of [0xc0, 0xdf, 0xbd, 0xfd]) t.deepEqual(tapped(AC3, { streamId }), ['ac3'], `${streamId}`);
  for (const streamId of [0xe0, 0xef, 0xfc]) t.deepEqual(tapped(AC3, { streamId }), ['other'], `${streamId}`);
});

test('what is no audio is told so, and not looked at for ever', (t) => {
  t.deepEqual(tapped(Buffer.alloc(40_000, 0x22)), ['other']);
  t.deepEqual(tapped(Buffer.alloc(30_000, 0x22)), [], 'not yet');
  t.deepEqual(tapped(Buffer.concat([Buffer.alloc(40_000, 0x22), AC3])), ['other'], 'audio after 32 KiB comes too late');
});

test('sections are no audio', (t) => {
  const found: TapVerdict[] = [];
  const tap = new CodecTap((verdict) => found.push(verdict));
  for (const bytes of sectionPackets(0x100, section({ tableId: 0x42, body: Buffer.alloc(300) })))
    tap.pushPacket(bytes, 0);
  t.deepEqual(found, ['other']);
});

test('the first verdict stands, whoever gives it', (t) => {
  const found: TapVerdict[] = [];
  const tap = new CodecTap((verdict) => found.push(verdict));
  tap.settle('other');
  tap.settle('ac3');
  t.deepEqual(found, ['other']);
});

test('scrambled data are not looked at', (t) => {
  t.deepEqual(tapped(AC3, { scrambling: 2 }), []);
});
