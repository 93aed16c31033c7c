import test from 'ava';
import { PacketOutput } from '#shared/mpegts/packet-output.ts';
import { parsePat } from '#shared/mpegts/pat.ts';
import { type Pmt, parsePmt } from '#shared/mpegts/pmt.ts';
import { ProgramTables } from '#shared/mpegts/program-tables.ts';
import { parseSdt, serviceDescription, serviceDescriptor } from '#shared/mpegts/sdt.ts';
import { parseSectionHeader, SectionAssembler } from '#shared/mpegts/section.ts';
import { asPid, asProgramNumber, asStreamType, PID_PAT, PID_SDT } from '#shared/mpegts/types.ts';
import { checkTransportStream } from '#test/helpers/tr101290.ts';

const PMT_PID = asPid(0x64);
const PMT: Pmt = {
  program: asProgramNumber(0x283d),
  pcrPid: asPid(0x100),
  descriptors: [],
  streams: [{ streamType: asStreamType(0x1b), pid: asPid(0x100), descriptors: [] }],
};
const sdt = (name: string) => ({
  transportStreamId: 1,
  originalNetworkId: 1,
  services: [{ service: PMT.program, descriptors: [serviceDescriptor({ serviceType: 1, provider: '', name })] }],
});

function sectionsOf(packets: Buffer | null, pid: number): Buffer[] {
  const sections: Buffer[] = [];
  const assembler = new SectionAssembler(
    (bytes) => sections.push(Buffer.from(bytes)),
    (fault) => {
      throw new Error(fault);
    },
  );
  for (let at = 0; at < (packets?.length ?? 0); at += 188) {
    if (packets !== null && (packets.readUInt16BE(at + 1) & 0x1fff) === pid) assembler.pushPacket(packets, at);
  }
  return sections;
}

function tables() {
  const output = new PacketOutput();
  return { output, tables: new ProgramTables(output) };
}

test('nothing is written before there is a programme', (t) => {
  const { output, tables: made } = tables();
  t.false(made.ready);
  made.writeProgram();
  made.writeService();
  t.is(output.take(), null);
});

test('PAT and PMT name the programme', (t) => {
  const { output, tables: made } = tables();
  made.setProgram(PMT, PMT_PID, 0x3fb);
  t.true(made.ready);
  made.writeProgram();
  const packets = output.take();
  const [pat] = sectionsOf(packets, PID_PAT);
  const [pmt] = sectionsOf(packets, PMT_PID);
  t.like(pat && parsePat(pat), { transportStreamId: 0x3fb, programs: [{ program: PMT.program, pmtPid: PMT_PID }] });
  t.like(pmt && parsePmt(pmt), { ...PMT });
});

test('written again and again the counters go on', (t) => {
  const { output, tables: made } = tables();
  made.setProgram(PMT, PMT_PID, 1);
  made.setService(sdt('Das Erste HD'));
  const written: Buffer[] = [];
  for (let round = 0; round < 40; round++) {
    made.writeProgram();
    made.writeService();
    const packets = output.take();
    if (packets !== null) written.push(packets);
  }
  const all = Buffer.concat(written);
  t.is(checkTransportStream(all).errors.continuity, undefined);
  t.is(sectionsOf(all, PID_SDT).length, 40);
  const [last] = sectionsOf(all, PID_SDT);
  t.is(serviceDescription((last && parseSdt(last)?.services[0]?.descriptors) ?? [])?.name, 'Das Erste HD');
});

test('a new PMT has a new version, the unchanged PAT keeps its own', (t) => {
  const { output, tables: made } = tables();
  const versions: (readonly [number | undefined, number | undefined])[] = [];
  for (let round = 0; round < 34; round++) {
    made.setProgram({ ...PMT, pcrPid: asPid(0x100 + round) }, PMT_PID, 1);
    made.writeProgram();
    const packets = output.take();
    const [pat] = sectionsOf(packets, PID_PAT).map(parseSectionHeader);
    const [pmt] = sectionsOf(packets, PMT_PID).map(parseSectionHeader);
    versions.push([pat?.version, pmt?.version]);
  }
  t.deepEqual(
    versions,
    Array.from({ length: 34 }, (_, round) => [0, round % 32]),
  );
});

test('another PMT PID changes the PAT, and counting starts anew there', (t) => {
  const { output, tables: made } = tables();
  made.setProgram(PMT, PMT_PID, 1);
  made.writeProgram();
  output.take();
  made.setProgram(PMT, asPid(0x65), 1);
  made.writeProgram();
  const packets = output.take();
  t.is(sectionsOf(packets, PMT_PID).length, 0);
  const [pat] = sectionsOf(packets, PID_PAT);
  t.is(pat && parsePat(pat)?.programs[0]?.pmtPid, asPid(0x65));
  t.is(pat && Number(parseSectionHeader(pat)?.version), 1);
});
