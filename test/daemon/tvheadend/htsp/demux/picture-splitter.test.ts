import test from 'ava';
import type { AccessUnit } from '#daemon/tvheadend/htsp/demux/access-unit.ts';
import { ProgrammeDemuxer } from '#daemon/tvheadend/htsp/demux/programme-demuxer.ts';
import type { Track } from '#daemon/tvheadend/htsp/demux/track.ts';
import { PacketSync } from '#shared/mpegts/packet-sync.ts';
import { readRealData } from '#test/helpers/real-data.ts';

interface Taken {
  readonly tracks: readonly Track[];
  readonly units: readonly AccessUnit[];
}

function takeApart(bytes: Buffer): Taken {
  let tracks: readonly Track[] = [];
  const units: AccessUnit[] = [];
  const demuxer = new ProgrammeDemuxer({
    onTracks: (told) => {
      tracks = told;
    },
    onUnit: (unit) => units.push(unit),
    onLoss: () => undefined,
  });
  const sync = new PacketSync({ onPackets: (run, from, to) => demuxer.push(Buffer.from(run.subarray(from, to))) });
  sync.push(bytes);
  sync.finish();
  return { tracks, units };
}

/** Width, height and codec as ffprobe shows them (data/INDEX.md), and what kinds of pictures there are. */
const real = test.macro<[string, Record<string, unknown>, string]>({
  exec(t, file, expected, pictures) {
    const bytes = readRealData(t, `ts/${file}`);
    if (bytes === null) return;
    const { tracks, units } = takeApart(bytes);
    const video = tracks.find((track) => track.kind === 'video');
    t.like(video, expected);
    const own = units.filter(({ track }) => track === video?.index);
    t.is([...new Set(own.map(({ picture }) => picture))].sort().join(''), pictures);
    t.true(own[0]?.isEntry === true || own.some(({ isEntry }) => isEntry), 'there is a place to begin');
    const stamped = own.filter(({ pts }) => pts !== null);
    t.true(stamped.length > own.length / 2, 'most pictures have a time of their own');
  },
  title: (_, file) => `a real capture: ${file}`,
});
test(
  real,
  'tsduck+tsduck-test__reference_test-035_test-035.encap.ts',
  { type: 'H264', format: { width: 1920, height: 1080, aspect: { width: 16, height: 9 }, frameTicks: 3600 } },
  'BIP',
);
test(
  real,
  'petrj+MPEGTS__MPEGTSAnalyzator_TestData.Germany_DVBT-MPEGTS-626MHz-2024-03-11-21-09-56.ts',
  { type: 'HEVC', format: { width: 1920, height: 1080, aspect: { width: 16, height: 9 }, frameTicks: 1800 } },
  'BIP',
);
test(
  real,
  'Eyevinn+mp2ts-tools__internal_testdata_80s_with_ad.ts',
  { type: 'H264', format: { width: 640, height: 360 } },
  'BIP',
);
test(real, 'tsduck+tsduck-test__input_test-064.ts', { type: 'H264', format: { width: 1920, height: 1080 } }, 'IP');
