import test from 'ava';
import { isSamePlan, tracksOf } from '#daemon/tvheadend/htsp/demux/track.ts';
import { DESCRIPTOR_SUBTITLING, DESCRIPTOR_TELETEXT, languageDescriptor } from '#shared/mpegts/descriptors.ts';
import type { Pmt, PmtStream } from '#shared/mpegts/pmt.ts';
import type { Pid, ProgramNumber, StreamType } from '#shared/mpegts/types.ts';

function pmt(...streams: [number, PmtStream['descriptors']][]): Pmt {
  return {
    program: 1 as ProgramNumber,
    pcrPid: 256 as Pid,
    descriptors: [],
    streams: streams.map(([streamType, descriptors], at) => ({
      streamType: streamType as StreamType,
      pid: (256 + at) as Pid,
      descriptors,
    })),
  };
}

const subtitling = (...entries: [string, number, number][]) => ({
  tag: DESCRIPTOR_SUBTITLING,
  payload: Buffer.concat(
    entries.map(([language, composition, ancillary]) => {
      const entry = Buffer.alloc(8);
      entry.write(language, 'latin1');
      entry[3] = 0x10;
      entry.writeUInt16BE(composition, 4);
      entry.writeUInt16BE(ancillary, 6);
      return entry;
    }),
  ),
});

test('a programme as clients see it, in the order of its PMT', (t) => {
  const teletext = { tag: DESCRIPTOR_TELETEXT, payload: Buffer.from('deu\x09\x00', 'latin1') };
  const tracks = tracksOf(
    pmt(
      [0x1b, []],
      [0x03, [languageDescriptor('deu')]],
      [0x03, [languageDescriptor('deu', 'visual-impaired-commentary')]],
      [0x06, [teletext]],
      [0x06, [subtitling(['deu', 1, 2], ['fra', 3, 4])]],
      [0x05, []],
    ),
  );
  t.deepEqual(
    tracks.map(({ index, pid, type, language }) => [index, pid, type, language]),
    [
      [1, 256, 'H264', null],
      [2, 257, 'MPEG2AUDIO', 'deu'],
      [3, 258, 'MPEG2AUDIO', 'deu'],
      [4, 259, 'TELETEXT', 'deu'],
      [5, 260, 'DVBSUB', 'deu'],
      [6, 260, 'DVBSUB', 'fra'],
    ],
  );
  t.like(tracks[2], { audioType: 3 });
  t.like(tracks[5], { compositionId: 3, ancillaryId: 4 });
});

test('another track, language or PID is another plan; the same again is not', (t) => {
  const one = tracksOf(pmt([0x1b, []], [0x03, [languageDescriptor('deu')]]));
  t.true(isSamePlan(one, tracksOf(pmt([0x1b, []], [0x03, [languageDescriptor('deu')]]))));
  t.false(isSamePlan(one, tracksOf(pmt([0x1b, []], [0x03, [languageDescriptor('fra')]]))));
  t.false(isSamePlan(one, tracksOf(pmt([0x1b, []]))));
  t.false(isSamePlan(one, tracksOf(pmt([0x24, []], [0x03, [languageDescriptor('deu')]]))));
});
