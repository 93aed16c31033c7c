/** Access units written by hand, and what FFmpeg's decoder makes of them, as lines again. */
import { adtsRateIndex, writeAdtsHeader } from '#shared/codec/adts.ts';
import { BandLayout } from '#transcoder/aac/band-layout.ts';
import { type BandTables, bandTables } from '#transcoder/aac/band-tables.ts';
import { BitWriter } from '#transcoder/aac/bit-writer.ts';
import { ChannelFrame } from '#transcoder/aac/channel-frame.ts';
import { ID_SCE, writeEnd, writeSingle } from '#transcoder/aac/element-writer.ts';
import { FilterBank } from '#transcoder/aac/filter-bank.ts';
import { ONLY_LONG } from '#transcoder/aac/windows.ts';
import { AudioDecoder } from '#transcoder/ffmpeg/audio-decoder.ts';

export function tablesAt(sampleRate: number): BandTables {
  const tables = bandTables(sampleRate);
  if (tables === null) throw new Error(`no tables at ${sampleRate} Hz`);
  return tables;
}

/** A long frame of one channel with all bands, all of them empty. */
export function emptyFrame(tables: BandTables): { layout: BandLayout; frame: ChannelFrame } {
  const layout = new BandLayout();
  layout.setLong(ONLY_LONG, tables, tables.long.length - 1);
  return { layout, frame: new ChannelFrame() };
}

export function unitOf(tables: BandTables, layout: BandLayout, frame: ChannelFrame): Buffer {
  const writer = new BitWriter(8191);
  writeSingle(writer, ID_SCE, 0, tables, layout, frame);
  writeEnd(writer);
  return Buffer.from(writer.bytes.subarray(0, writer.bits / 8)); // copy
}

export function asAdts(unit: Buffer, sampleRate: number, channels: number): Buffer {
  const adts = Buffer.alloc(7 + unit.length);
  writeAdtsHeader(adts, 0, adtsRateIndex(sampleRate) as number, channels, unit.length);
  adts.set(unit, 7);
  return adts;
}

/**
 * The lines that FFmpeg's decoder read in `unit`, which stands alone between empty ones: what it gives, windowed and
 * transformed again, is the same lines, since sin² + cos² is 1.
 */
export function linesRead(unit: Buffer, tables: BandTables, sampleRate: number): Float64Array {
  const empty = emptyFrame(tables);
  const silence = unitOf(tables, empty.layout, empty.frame);
  const decoder = new AudioDecoder('aac');
  const samples: number[] = [];
  for (const bytes of [silence, unit, silence]) {
    const taken = decoder.decode(asAdts(bytes, sampleRate, 1), null, ({ planes }) =>
      samples.push(...(planes[0] ?? [])),
    );
    if (!taken) throw new Error('the decoder refused a unit');
  }
  decoder.close();
  const lines = new Float64Array(1024);
  const window = Float64Array.from(samples.slice(-2048), (sample) => sample * 32_768);
  new FilterBank().transform(window, ONLY_LONG, lines);
  return lines;
}
