/** What real captures hold, with their oddities. They lie beside the project; without them these tests say so and end. */
import test from 'ava';
import { FaultCounters } from '#shared/mpegts/faults.ts';
import { PacketSync } from '#shared/mpegts/packet-sync.ts';
import { ProgramRemuxer } from '#shared/mpegts/program-remuxer.ts';
import { parseSdt, serviceDescription } from '#shared/mpegts/sdt.ts';
import { SectionAssembler } from '#shared/mpegts/section.ts';
import { streamKind } from '#shared/mpegts/stream-type.ts';
import { asProgramNumber } from '#shared/mpegts/types.ts';
import { readRealData } from '#test/helpers/real-data.ts';
import { checkTransportStream } from '#test/helpers/tr101290.ts';

interface Capture {
  readonly file: string;
  readonly program?: number;
  readonly packets: number;
  /** Packet size and bytes skipped before each lock. */
  readonly locks?: readonly string[];
  /** Programmes in the PAT. */
  readonly programs: number;
  /** Kinds of the streams of the programme; null when its PMT never comes. */
  readonly streams: readonly string[] | null;
  readonly faults?: Readonly<Record<string, number>>;
}

function read(bytes: Buffer, program: number | null) {
  const faults = new FaultCounters();
  const locks: string[] = [];
  const output: Buffer[] = [];
  let streams: string[] | null = null;
  const remuxer = new ProgramRemuxer({
    program: program === null ? null : asProgramNumber(program),
    faults,
    service: null,
    onPackets: (packets) => output.push(packets),
    onProgram: (pmt) => {
      streams ??= pmt.streams.map((stream) => {
        const kind = streamKind(stream);
        return 'codec' in kind ? kind.codec : kind.kind;
      });
    },
  });
  const sync = new PacketSync({
    onPackets: (packets, from, to) => remuxer.push(packets, from, to),
    onLock: (size, skipped) => locks.push(`${size} after ${skipped}`),
    onBadSync: () => faults.add('sync'),
  });
  // Chunks as a socket gives them: never on a packet border.
  for (let at = 0; at < bytes.length; at += 6_007) sync.push(bytes.subarray(at, at + 6_007));
  sync.finish();
  return { faults: faults.toJSON(), locks, remuxer, output: Buffer.concat(output), streams: () => streams };
}

const capture = test.macro<[string, Capture]>({
  exec(t, _name, expected) {
    const bytes = readRealData(t, `ts/${expected.file}`);
    if (bytes === null) return;
    const { faults, locks, remuxer, streams } = read(bytes, expected.program ?? null);
    t.is(remuxer.bytesIn / 188, expected.packets);
    t.deepEqual(locks, expected.locks ?? ['188 after 0']);
    t.is(remuxer.programs.length, expected.programs);
    t.deepEqual(streams(), expected.streams);
    t.deepEqual(faults, expected.faults ?? {});
  },
  title: (_, name) => `capture: ${name}`,
});

test(capture, 'packets of 192 bytes, the last without a successor', {
  file: 'small-teton+mpeg-ts-analyzer__sample_data_sample_192byte_video_mpeg2_320x240_25fps_audio_mp2_48000Hz.ts',
  packets: 672,
  locks: ['192 after 4'],
  programs: 1,
  streams: ['mpeg2', 'other'],
});
test(capture, 'packets of 204 bytes, LATM, two services with one PMT', {
  file: 'tsduck+tsduck-test__reference_test-171_test-171.11.ts',
  packets: 329,
  locks: ['204 after 0'],
  programs: 2,
  streams: ['h264', 'aac-latm', 'aac-latm', 'aac-latm', 'aac-latm', 'other', 'other', 'other', 'other'],
});
test(capture, 'lost sync and junk in the middle', {
  file: 'tsduck+tsduck-test__input_test-142.ts',
  packets: 295,
  locks: ['188 after 0', '188 after 940'],
  programs: 0,
  streams: null,
  faults: { sync: 2 },
});
test(capture, '17 services with one PMT and uncorrected packets', {
  file: 'petrj+MPEGTS__MPEGTSAnalyzator_TestData.Crete_DIGEA_stream-2023-07-28-16-59-49.ts',
  packets: 14_509,
  programs: 17,
  streams: ['mpeg-audio'],
  faults: { 'transport-error': 342, continuity: 107, 'pcr-jump': 4, duplicate: 1 },
});
test(capture, 'eleven services with one PMT, HEVC and two languages in LATM', {
  file: 'petrj+MPEGTS__MPEGTSAnalyzator_TestData.Germany_DVBT-MPEGTS-626MHz-2024-03-11-21-09-56.ts',
  packets: 17_163,
  programs: 11,
  streams: ['other', 'hevc', 'aac-latm', 'aac-latm'],
});
test(capture, 'four languages in E-AC-3 with subtitles and lost packets', {
  file: 'tsduck+tsduck-test__reference_test-089_test-089.000000.ts',
  packets: 14_090,
  programs: 1,
  streams: ['h264', 'eac3', 'eac3', 'eac3', 'eac3', 'subtitles', 'subtitles', 'subtitles', 'other', 'other'],
  faults: { continuity: 35 },
});
test(capture, 'a PAT of sixteen services and no PMT at all', {
  file: 'braice+MuMuDVB__tests_TestDump17.ts',
  packets: 500,
  programs: 16,
  streams: null,
});
test(capture, 'a packet cut off at the end', {
  file: 'Vanilagy+mediabunny__test_public_no-aud.ts',
  packets: 5_577,
  programs: 1,
  streams: ['h264', 'aac-adts', 'other'],
});
for (const [program, streams] of [
  [3401, ['mpeg2', 'mpeg-audio', 'mpeg-audio', 'teletext', 'other', 'other', 'other', 'other', 'other', 'mpeg-audio']],
  [3404, ['mpeg-audio', 'other', 'other', 'other', 'other', 'other']],
  [3410, ['hevc']],
] as const) {
  test(capture, `programme ${program} out of a whole multiplex`, {
    file: 'tsduck+tsduck-test__input_test-108.ts',
    program,
    packets: 20_000,
    programs: 8,
    streams,
  });
}

test('one programme cut out of a whole multiplex is a sound stream of its own', (t) => {
  const bytes = readRealData(t, 'ts/tsduck+tsduck-test__input_test-108.ts');
  if (bytes === null) return;
  const report = checkTransportStream(read(bytes, 3401).output);
  t.deepEqual(report.errors, {});
  t.deepEqual([...report.pcr.keys()], [512]);
  t.true(report.maxPatIntervalMs <= 130 && report.maxPmtIntervalMs <= 130);
  t.is(report.nullPackets, 0);
});

test('service names behind a character set selector are read', (t) => {
  const bytes = readRealData(
    t,
    'ts/petrj+MPEGTS__MPEGTSAnalyzator_TestData.Germany_DVBT-MPEGTS-626MHz-2024-03-11-21-09-56.ts',
  );
  if (bytes === null) return;
  const names = new Set<string>();
  const assembler = new SectionAssembler(
    (section) => {
      for (const service of parseSdt(section)?.services ?? []) {
        names.add(serviceDescription(service.descriptors)?.name ?? 'none');
      }
    },
    (fault) => t.fail(fault),
  );
  for (let at = 0; at + 188 <= bytes.length; at += 188) {
    if ((bytes.readUInt16BE(at + 1) & 0x1fff) === 0x11) assembler.pushPacket(bytes, at);
  }
  t.true(names.has('BR Fernsehen Süd HD'), [...names].join(', '));
  t.false(names.has('none'));
});
