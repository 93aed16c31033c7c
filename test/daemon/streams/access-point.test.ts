import test from 'ava';
import { isAccessPoint } from '#daemon/streams/access-point.ts';
import type { VideoCodec } from '#shared/mpegts/stream-type.ts';
import { packet, pesPacket } from '#test/helpers/ts-builder.ts';

/** First packet of a picture whose data begin with these start codes, each with two bytes behind it. */
function picture(codes: readonly number[], adaptation?: { randomAccess: boolean }): Buffer {
  const data = Buffer.concat(codes.map((code) => Buffer.from([0, 0, 1, code, 0x55, 0x55])));
  const payload = pesPacket({ streamId: 0xe0, pts: 900, packetLength: 0, data });
  return packet({ pid: 0x101, payloadStart: true, payload, ...(adaptation === undefined ? {} : { adaptation }) });
}

const nal = (type: number): number => type << 1;

const CASES: readonly (readonly [VideoCodec, string, readonly number[], boolean])[] = [
  ['mpeg2', 'a sequence header', [0xb3, 0xb5, 0xb8, 0x00], true],
  ['mpeg2', 'a picture alone', [0x00, 0xb5, 0x01], false],
  ['mpeg2', 'a group of pictures without sequence header', [0xb8, 0x00], false],
  ['mpeg1', 'a sequence header', [0xb3], true],
  ['h264', 'delimiter, SPS, PPS', [0x09, 0x67, 0x68], true],
  ['h264', 'delimiter, SEI, IDR slice', [0x09, 0x06, 0x65], true],
  ['h264', 'an SPS of low nal_ref_idc', [0x09, 0x27], true],
  ['h264', 'delimiter and a slice', [0x09, 0x41], false],
  ['h264', 'a slice, and an SPS behind it', [0x01, 0x67], false],
  ['h264', 'delimiter and SEI alone', [0x09, 0x06], false],
  ['hevc', 'delimiter, VPS', [nal(35), nal(32)], true],
  ['hevc', 'delimiter, SPS', [nal(35), nal(33)], true],
  ['hevc', 'BLA_W_LP', [nal(16)], true],
  ['hevc', 'IDR_W_RADL', [nal(19)], true],
  ['hevc', 'CRA', [nal(21)], true],
  ['hevc', 'a trailing picture', [nal(35), nal(1)], false],
  ['hevc', 'a RASL picture', [nal(9)], false],
];

for (const [codec, what, codes, expected] of CASES) {
  test(`${codec}: ${what} is ${expected ? 'a' : 'no'} place to start`, (t) => {
    t.is(isAccessPoint(codec, picture(codes), 0), expected);
  });
}

test('random_access_indicator is believed', (t) => {
  t.true(isAccessPoint('h264', picture([0x41], { randomAccess: true }), 0));
  t.false(isAccessPoint('h264', picture([0x41], { randomAccess: false }), 0));
});

test('a packet in the middle of a picture is no place to start, whatever its bytes are', (t) => {
  const payload = Buffer.concat([Buffer.from([0, 0, 1, 0x67]), Buffer.alloc(180)]);
  t.false(isAccessPoint('h264', packet({ pid: 0x101, payload }), 0));
});

test('a packet at an offset is judged by its own bytes', (t) => {
  const bytes = Buffer.concat([picture([0x09, 0x67]), picture([0x09, 0x41])]);
  t.true(isAccessPoint('h264', bytes, 0));
  t.false(isAccessPoint('h264', bytes, 188));
});

test('an adaptation field longer than the packet is no place to start', (t) => {
  const bytes = picture([0x67]);
  bytes[4] = 200; // adaptation_field_length
  t.false(isAccessPoint('h264', bytes, 0));
});
