import test from 'ava';
import { BandLayout } from '#transcoder/aac/band-layout.ts';
import { BitWriter } from '#transcoder/aac/bit-writer.ts';
import { ChannelFrame } from '#transcoder/aac/channel-frame.ts';
import { ID_LFE, writeEnd, writePair, writeSingle } from '#transcoder/aac/element-writer.ts';
import { tablesAt } from './support/one-frame.ts';

const tables = tablesAt(48_000);

function bitsOf(write: (writer: BitWriter) => void): string {
  const writer = new BitWriter(256);
  write(writer);
  writeEnd(writer);
  return [...writer.bytes.subarray(0, writer.bits / 8)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}

test('a silent LFE element of eight bands reads as the tables have it', (t) => {
  const layout = new BandLayout();
  layout.setLong(0, tables, 8);
  const bits = bitsOf((writer) => writeSingle(writer, ID_LFE, 0, tables, layout, new ChannelFrame()));
  const fields = [
    '011', // id_syn_ele: LFE
    '0000', // element_instance_tag
    '00000000', // global_gain
    '0', // ics_reserved_bit
    '00', // window_sequence
    '0', // window_shape
    '001000', // max_sfb
    '0', // predictor_data_present
    '0000', // sect_cb
    '01000', // sect_len_incr
    '000', // pulse_data_present, tns_data_present, gain_control_data_present
    '111', // id_syn_ele: END
  ];
  t.is(bits, fields.join('').padEnd(Math.ceil(fields.join('').length / 8) * 8, '0'));
});

test('a silent pair of short windows tells its groups, and sections of seven bands and more', (t) => {
  const layout = new BandLayout();
  layout.setShort([false, true, false, false, false, false, false, true], tables, 14);
  const midSide = new Uint8Array(120).fill(1);
  const bits = bitsOf((writer) =>
    writePair(writer, 2, tables, layout, new ChannelFrame(), new ChannelFrame(), midSide),
  );
  const channel = ['00000000', ...[0, 1, 2].map(() => ['0000', '111', '111', '000'].join('')), '000'];
  const fields = [
    '001', // id_syn_ele: CPE
    '0010', // element_instance_tag
    '1', // common_window
    '0', // ics_reserved_bit
    '10', // window_sequence
    '0', // window_shape
    '1110', // max_sfb
    '0111110', // scale_factor_grouping
    '10', // ms_mask_present: all
    ...channel,
    ...channel,
    '111', // id_syn_ele: END
  ];
  t.is(bits, fields.join('').padEnd(Math.ceil(fields.join('').length / 8) * 8, '0'));
});
