import test from 'ava';
import { KnownPrograms } from '#daemon/streams/known-programs.ts';
import { FaultCounters } from '#shared/mpegts/faults.ts';
import { parsePat } from '#shared/mpegts/pat.ts';
import { ProgramRemuxer } from '#shared/mpegts/program-remuxer.ts';
import { SectionAssembler } from '#shared/mpegts/section.ts';
import { asProgramNumber } from '#shared/mpegts/types.ts';
import { patSection, pmtSection, TsWriter } from '#test/helpers/ts-builder.ts';

const PROGRAM = 0x283d;
const PMT_PID = 0x100;
const VIDEO = 0x101;
const payload = Buffer.alloc(184, 5);

function remuxer() {
  const written: Buffer[] = [];
  const made = new ProgramRemuxer({
    program: asProgramNumber(PROGRAM),
    faults: new FaultCounters(),
    service: null,
    onPackets: (packets) => written.push(packets),
  });
  return { remuxer: made, output: () => Buffer.concat(written) };
}

function source(videoPid: number, version = 3): Buffer {
  const writer = new TsWriter();
  writer.section(
    0,
    patSection({
      extension: 0x3fb,
      version: 7,
      programs: [
        [1, 0x30],
        [PROGRAM, PMT_PID],
      ],
    }),
  );
  writer.section(
    PMT_PID,
    pmtSection({ program: PROGRAM, version, pcrPid: videoPid, streams: [{ type: 0x1b, pid: videoPid }] }),
  );
  return writer.bytes();
}

const pidsOf = (bytes: Buffer): number[] => {
  const pids: number[] = [];
  for (let at = 0; at < bytes.length; at += 188) pids.push(bytes.readUInt16BE(at + 1) & 0x1fff);
  return pids;
};

function learnt(videoPid: number): KnownPrograms {
  const known = new KnownPrograms();
  const { remuxer: made } = remuxer();
  made.push(source(videoPid));
  known.set('ref', made);
  return known;
}

test('a service seen before is told from its first packet on', (t) => {
  const { remuxer: made, output } = remuxer();
  made.presume(learnt(VIDEO).get('ref') as Buffer);
  const writer = new TsWriter();
  writer.packet({ pid: VIDEO, payload, payloadStart: true });
  made.push(writer.bytes());
  t.is(pidsOf(output()).at(-1), VIDEO);
  let stream = 0;
  const assembler = new SectionAssembler(
    (section) => {
      stream = parsePat(section)?.transportStreamId ?? 0;
    },
    () => undefined,
  );
  assembler.pushPacket(output(), pidsOf(output()).indexOf(0) * 188);
  t.is(stream, 0x3fb, 'the tables are those of the transponder');
});

test('where the source has changed since, its own tables count', (t) => {
  const { remuxer: made, output } = remuxer();
  made.presume(learnt(0x555).get('ref') as Buffer);
  made.push(source(VIDEO, 4));
  const writer = new TsWriter();
  writer.packet({ pid: 0x555, payload });
  writer.packet({ pid: VIDEO, payload, payloadStart: true });
  made.push(writer.bytes());
  t.is(pidsOf(output()).filter((pid) => pid === 0x555).length, 0);
  t.is(pidsOf(output()).at(-1), VIDEO);
});

test('a service not seen before has nothing', (t) => {
  const known = new KnownPrograms();
  t.is(known.get('ref'), null);
  known.set('ref', remuxer().remuxer);
  t.is(known.get('ref'), null, 'nor one whose PMT never came');
});
