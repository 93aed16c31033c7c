import test from 'ava';
import { parseDescriptors } from '#shared/mpegts/descriptors.ts';
import { describeStreamType, type StreamKind, streamKind } from '#shared/mpegts/stream-type.ts';
import { asStreamType } from '#shared/mpegts/types.ts';
import { descriptor } from '#test/helpers/ts-builder.ts';

const NONE = Buffer.alloc(0);
const OTHER: StreamKind = { kind: 'other' };
const audio = (codec: Extract<StreamKind, { kind: 'audio' }>['codec']): StreamKind => ({ kind: 'audio', codec });
const video = (codec: Extract<StreamKind, { kind: 'video' }>['codec']): StreamKind => ({ kind: 'video', codec });

const kind = test.macro<[string, number, Buffer, StreamKind]>({
  exec(t, _name, type, loop, expected) {
    t.deepEqual(
      streamKind({ streamType: asStreamType(type), descriptors: parseDescriptors(loop, 0, loop.length) }),
      expected,
    );
  },
  title: (_, name, type) => `0x${type.toString(16).padStart(2, '0')} with ${name}`,
});

test(kind, 'nothing else is MPEG-1 video', 0x01, NONE, video('mpeg1'));
test(kind, 'nothing else is MPEG-2 video', 0x02, NONE, video('mpeg2'));
test(kind, 'nothing else is MPEG-1 audio', 0x03, NONE, audio('mpeg-audio'));
test(kind, 'nothing else is MPEG-2 audio', 0x04, NONE, audio('mpeg-audio'));
test(kind, 'nothing else is ADTS', 0x0f, NONE, audio('aac-adts'));
test(kind, 'nothing else is LATM', 0x11, NONE, audio('aac-latm'));
test(kind, 'nothing else is H.264', 0x1b, NONE, video('h264'));
test(kind, 'nothing else is HEVC', 0x24, NONE, video('hevc'));
test(kind, 'nothing else is AC-3', 0x81, NONE, audio('ac3'));
test(kind, 'nothing else is E-AC-3', 0x87, NONE, audio('eac3'));
test(kind, 'an AC-3 descriptor', 0x06, descriptor(0x6a, 0), audio('ac3'));
test(kind, 'an enhanced AC-3 descriptor', 0x06, descriptor(0x7a, 0), audio('eac3'));
test(kind, 'a DTS descriptor', 0x06, descriptor(0x7b, 0), audio('dts'));
test(kind, 'an AAC descriptor', 0x06, descriptor(0x7c, 0x51), audio('aac-latm'));
test(kind, 'a teletext descriptor', 0x06, descriptor(0x56, 'deu', 0x09, 0), { kind: 'teletext' });
test(kind, 'a subtitling descriptor', 0x06, descriptor(0x59, 'deu', 0x10, 0, 1, 0, 1), { kind: 'subtitles' });
test(
  kind,
  'a language and a stream identifier before the AC-3 descriptor',
  0x06,
  Buffer.concat([descriptor(0x0a, 'deu', 0), descriptor(0x52, 1), descriptor(0x6a, 0)]),
  audio('ac3'),
);
test(kind, 'a registration AC-3', 0x06, descriptor(0x05, 'AC-3'), audio('ac3'));
test(kind, 'a registration EAC3', 0x06, descriptor(0x05, 'EAC3'), audio('eac3'));
test(kind, 'a registration EAC3 on the AC-3 type', 0x81, descriptor(0x05, 'EAC3'), audio('eac3'));
test(kind, 'a registration HEVC', 0x06, descriptor(0x05, 'HEVC'), video('hevc'));
test(kind, 'a registration nobody knows', 0x06, descriptor(0x05, 'KLVA'), OTHER);
test(kind, 'no descriptor is unknown private data', 0x06, NONE, OTHER);
test(kind, 'a reserved descriptor', 0x06, descriptor(0x00, 1, 2), OTHER);
test(kind, 'an AC-3 descriptor is still H.264', 0x1b, descriptor(0x6a, 0), video('h264'));
test(kind, 'an AC-3 descriptor on sections', 0x05, descriptor(0x6a, 0), OTHER);
for (const type of [0x00, 0x05, 0x0b, 0x15, 0x1c, 0x80, 0x86, 0xc0, 0xff])
  test(kind, 'nothing we know', type, NONE, OTHER);

test('types are shown with their number, unknown ones too', (t) => {
  t.is(describeStreamType(asStreamType(0x1b)), '0x1b H.264 video');
  t.is(describeStreamType(asStreamType(0x03)), '0x03 MPEG-1 audio');
  t.is(describeStreamType(asStreamType(0xc0)), '0xc0 unknown');
});
