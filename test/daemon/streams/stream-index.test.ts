import test from 'ava';
import { type AccessPoint, StreamIndex } from '#daemon/streams/stream-index.ts';
import { asSectionVersion } from '#shared/mpegts/types.ts';
import { patSection, pmtSection, TsWriter } from '#test/helpers/ts-builder.ts';
import { AUDIO_PID, counterBreaks, PMT_PID, Programme, packetsOf, VIDEO_PID } from './support/programme.ts';

function index(): { index: StreamIndex; points: AccessPoint[] } {
  const points: AccessPoint[] = [];
  return { index: new StreamIndex((point) => points.push(point)), points };
}

test('access points lie where key pictures begin, counted from the start of the stream', (t) => {
  const { index: reader, points } = index();
  const programme = new Programme().tables();
  const before = programme.take();
  const first = programme.picture('key').sound().picture('other').take();
  const second = programme.picture('key').take();
  reader.push(Buffer.concat([before, first]), 1_000 * 188);
  reader.push(second, 1_000 * 188 + before.length + first.length);
  t.deepEqual(
    points.map((point) => point.position),
    [1_000 * 188 + before.length, 1_000 * 188 + before.length + first.length],
  );
});

test('pictures before the PMT are no access points: nobody knows what they are', (t) => {
  const { index: reader, points } = index();
  reader.push(new Programme().picture('key').tables().picture('other').take(), 0);
  t.deepEqual(points, []);
});

test('the tables of an access point are the latest before it', (t) => {
  const { index: reader, points } = index();
  const programme = new Programme().tables();
  reader.push(programme.tables().tables().picture('key').take(), 0);
  const tables = points[0]?.tables ?? Buffer.alloc(0);
  t.is(tables.length, 2 * 188);
  t.is((packetsOf(tables, 0)[0]?.readUInt8(3) ?? 0) & 0x0f, 2);
  t.is((packetsOf(tables, PMT_PID)[0]?.readUInt8(3) ?? 0) & 0x0f, 2);
});

test('tables and the stream from the access point on make one sequence, even with a PMT split around it', (t) => {
  const { index: reader, points } = index();
  const writer = new TsWriter();
  const streams = Array.from({ length: 40 }, (_, n) => ({ type: n === 0 ? 0x1b : 0x06, pid: VIDEO_PID + n }));
  const pmt = pmtSection({ program: 1, pcrPid: VIDEO_PID, streams });
  const keyPicture = (): void => {
    writer.pes(VIDEO_PID, { streamId: 0xe0, pts: 0, packetLength: 0, data: Buffer.from([0, 0, 1, 0x67, 1, 2, 3]) });
  };
  writer.section(0, patSection({ programs: [[1, PMT_PID]] }));
  writer.section(PMT_PID, pmt);
  keyPicture();
  // A second copy whose packets have a key picture between them.
  const copy = new TsWriter();
  copy.section(PMT_PID, pmt);
  const [firstPart, ...others] = copy.packets.map((bytes) => bytes.subarray(4));
  writer.packet({ pid: PMT_PID, payloadStart: true, payload: firstPart as Buffer });
  keyPicture();
  for (const payload of others) writer.packet({ pid: PMT_PID, payload });
  keyPicture();

  const stream = writer.bytes();
  reader.push(stream, 0);
  t.is(points.length, 3);
  for (const point of points) {
    t.deepEqual(counterBreaks(Buffer.concat([point.tables, stream.subarray(point.position)])), []);
  }
});

test('radio: every PES of the sound is an access point', (t) => {
  const { index: reader, points } = index();
  const writer = new TsWriter();
  writer.section(0, patSection({ programs: [[1, PMT_PID]] }));
  writer.section(PMT_PID, pmtSection({ program: 1, pcrPid: AUDIO_PID, streams: [{ type: 3, pid: AUDIO_PID }] }));
  for (let n = 0; n < 3; n++) writer.pes(AUDIO_PID, { streamId: 0xc0, pts: n, data: Buffer.alloc(300) });
  reader.push(writer.bytes(), 0);
  t.deepEqual(
    points.map((point) => point.position / 188),
    [2, 4, 6],
  );
});

test('a new PMT moves the access points to the new video PID', (t) => {
  const { index: reader, points } = index();
  const writer = new TsWriter();
  const key = Buffer.from([0, 0, 1, 0x67, 1]);
  const video = (pid: number): void => {
    writer.pes(pid, { streamId: 0xe0, pts: 0, packetLength: 0, data: key });
  };
  writer.section(0, patSection({ programs: [[1, PMT_PID]] }));
  writer.section(PMT_PID, pmtSection({ program: 1, pcrPid: 0x200, streams: [{ type: 0x1b, pid: 0x200 }] }));
  video(0x200);
  writer.section(PMT_PID, pmtSection({ program: 1, version: 1, pcrPid: 0x300, streams: [{ type: 0x1b, pid: 0x300 }] }));
  video(0x200);
  video(0x300);
  reader.push(writer.bytes(), 0);
  t.deepEqual(
    points.map((point) => point.position / 188),
    [2, 5],
  );
  t.is(reader.pmt?.header.version, asSectionVersion(1));
});
