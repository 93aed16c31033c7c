/**
 * Writes the syntactic elements of an access unit.
 *
 * Spec: ISO/IEC 14496-3:2019, tables 4.3 to 4.16 (raw_data_block, elements), 4.50 to 4.56 (individual_channel_stream).
 */
import type { BandLayout } from './band-layout.ts';
import type { BandTables } from './band-tables.ts';
import type { BitWriter } from './bit-writer.ts';
import type { ChannelFrame } from './channel-frame.ts';
import { SCALE_FACTORS } from './codebooks.ts';
import { writeLines } from './spectrum-writer.ts';
import { EIGHT_SHORT } from './windows.ts';

/** id_syn_ele (table 4.85). */
export const ID_SCE = 0;
export const ID_CPE = 1;
export const ID_LFE = 3;
const ID_END = 7;

const ZERO_BOOK = 0;

/** single_channel_element, lfe_channel_element. */
export function writeSingle(
  writer: BitWriter,
  id: typeof ID_SCE | typeof ID_LFE,
  tag: number,
  tables: BandTables,
  layout: BandLayout,
  channel: ChannelFrame,
): void {
  writer.put(id, 3); // id_syn_ele
  writer.put(tag, 4); // element_instance_tag
  writeChannel(writer, tables, layout, channel, false);
}

/** channel_pair_element; `midSide` by band. */
export function writePair(
  writer: BitWriter,
  tag: number,
  tables: BandTables,
  layout: BandLayout,
  left: ChannelFrame,
  right: ChannelFrame,
  midSide: Uint8Array,
): void {
  writer.put(ID_CPE, 3); // id_syn_ele
  writer.put(tag, 4); // element_instance_tag
  writer.put(1, 1); // common_window
  writeIcsInfo(writer, layout);
  let used = 0;
  for (let band = 0; band < layout.count; band++) used += midSide[band] as number;
  const present = used === 0 ? 0 : used === layout.count ? 2 : 1;
  writer.put(present, 2); // ms_mask_present
  if (present === 1) for (let band = 0; band < layout.count; band++) writer.put(midSide[band] as number, 1); // ms_used
  writeChannel(writer, tables, layout, left, true);
  writeChannel(writer, tables, layout, right, true);
}

export function writeEnd(writer: BitWriter): void {
  writer.put(ID_END, 3);
  writer.align();
}

function writeIcsInfo(writer: BitWriter, layout: BandLayout): void {
  writer.put(0, 1); // ics_reserved_bit
  writer.put(layout.sequence, 2); // window_sequence
  writer.put(0, 1); // window_shape: sine
  if (layout.sequence !== EIGHT_SHORT) {
    writer.put(layout.bands, 6); // max_sfb
    writer.put(0, 1); // predictor_data_present
    return;
  }
  writer.put(layout.bands, 4); // max_sfb
  let grouping = 0;
  for (let group = 0; group < layout.groups; group++) {
    const windows = layout.groupWindows[group] as number;
    // One bit per window from the second on: set where it belongs to the group of the one before.
    if (group > 0) grouping <<= 1;
    for (let more = 1; more < windows; more++) grouping = (grouping << 1) | 1;
  }
  writer.put(grouping, 7); // scale_factor_grouping
}

/** individual_channel_stream without scalable or pulse data. */
function writeChannel(
  writer: BitWriter,
  tables: BandTables,
  layout: BandLayout,
  channel: ChannelFrame,
  commonWindow: boolean,
): void {
  writer.put(globalGain(layout, channel), 8); // global_gain
  if (!commonWindow) writeIcsInfo(writer, layout);
  writeSections(writer, layout, channel);
  writeScaleFactors(writer, layout, channel);
  writer.put(0, 1); // pulse_data_present
  writeTns(writer, tables, layout, channel);
  writer.put(0, 1); // gain_control_data_present
  for (let band = 0; band < layout.count; band++) {
    const book = channel.books[band] as number;
    if (book === ZERO_BOOK) continue;
    writeLines(writer, channel.quantised, layout.offsets[band] as number, layout.offsets[band + 1] as number, book);
  }
}

/** The scale factor of the first band that has any. */
function globalGain(layout: BandLayout, channel: ChannelFrame): number {
  for (let band = 0; band < layout.count; band++) {
    if (channel.books[band] !== ZERO_BOOK && channel.peaks[band] !== 0) return channel.scaleFactors[band] as number;
  }
  return 0;
}

/** section_data: a length field of all ones goes on in the next. */
function writeSections(writer: BitWriter, layout: BandLayout, channel: ChannelFrame): void {
  const bits = layout.sequence === EIGHT_SHORT ? 3 : 5;
  const more = (1 << bits) - 1;
  const { bands, groups } = layout;
  for (let group = 0; group < groups; group++) {
    const end = (group + 1) * bands;
    for (let from = group * bands; from < end; ) {
      const book = channel.books[from] as number;
      let to = from + 1;
      while (to < end && channel.books[to] === book) to++;
      writer.put(book, 4); // sect_cb
      let length = to - from;
      for (; length >= more; length -= more) writer.put(more, bits); // sect_len_incr
      writer.put(length, bits);
      from = to;
    }
  }
}

/** scale_factor_data: differences from one band that is coded to the next. Bands that hold zeros only repeat it. */
function writeScaleFactors(writer: BitWriter, layout: BandLayout, channel: ChannelFrame): void {
  let last = globalGain(layout, channel);
  for (let band = 0; band < layout.count; band++) {
    if (channel.books[band] === ZERO_BOOK) continue;
    const scale = channel.peaks[band] === 0 ? last : (channel.scaleFactors[band] as number);
    const index = scale - last + 60;
    writer.put(SCALE_FACTORS.codes[index] as number, SCALE_FACTORS.lengths[index] as number);
    last = scale;
  }
}

/** tns_data_present, tns_data: one filter that reaches from `tns.firstBand` up. */
function writeTns(writer: BitWriter, tables: BandTables, layout: BandLayout, { tns }: ChannelFrame): void {
  if (tns.order === 0 || layout.sequence === EIGHT_SHORT) {
    writer.put(0, 1); // tns_data_present
    return;
  }
  writer.put(1, 1); // tns_data_present
  writer.put(1, 2); // n_filt
  writer.put(1, 1); // coef_res: 4 bits
  writer.put(tables.long.length - 1 - tns.firstBand, 6); // length, from the topmost band down
  writer.put(tns.order, 5); // order
  writer.put(1, 1); // direction: downwards
  writer.put(0, 1); // coef_compress
  for (let i = 0; i < tns.order; i++) writer.put((tns.indexes[i] as number) & 15, 4); // coef
}
