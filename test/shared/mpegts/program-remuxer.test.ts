import test from 'ava';
import { FaultCounters } from '#shared/mpegts/faults.ts';
import { parsePmt } from '#shared/mpegts/pmt.ts';
import { type PacketReplacer, ProgramRemuxer, type ProgramRemuxerOptions } from '#shared/mpegts/program-remuxer.ts';
import { parseSdt, serviceDescription } from '#shared/mpegts/sdt.ts';
import { SectionAssembler } from '#shared/mpegts/section.ts';
import { asPid, asProgramNumber, asStreamType } from '#shared/mpegts/types.ts';
import { AUDIO_PID, PMT_PID, PROGRAMME, testProgramme, VIDEO_PID } from '#test/helpers/test-programme.ts';
import { checkTransportStream } from '#test/helpers/tr101290.ts';
import { descriptor, packet, pmtSection, section, sectionPackets, TsWriter } from '#test/helpers/ts-builder.ts';

function remux(options: Partial<ProgramRemuxerOptions> = {}) {
  const faults = new FaultCounters();
  const written: { view: Buffer; copy: Buffer }[] = [];
  const remuxer = new ProgramRemuxer({
    program: asProgramNumber(PROGRAMME),
    faults,
    service: null,
    onPackets: (view) => written.push({ view, copy: Buffer.from(view) }),
    ...options,
  });
  return {
    remuxer,
    faults,
    output: () => Buffer.concat(written.map(({ copy }) => copy)),
    untouched: () => written.every(({ view, copy }) => view.equals(copy)),
  };
}

function packetsOf(bytes: Buffer, pid: number): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 188) {
    if ((bytes.readUInt16BE(at + 1) & 0x1fff) === pid) found.push(bytes.subarray(at, at + 188));
  }
  return found;
}

function sectionsOf(bytes: Buffer, pid: number): Buffer[] {
  const sections: Buffer[] = [];
  const assembler = new SectionAssembler(
    (found) => sections.push(Buffer.from(found)),
    () => undefined,
  );
  for (const one of packetsOf(bytes, pid)) assembler.pushPacket(one, 0);
  return sections;
}

const after = (bytes: Buffer, ms: number) => bytes.subarray(ms * 188);

test('video and sound pass byte for byte and in order, tables are new, stuffing is gone', (t) => {
  const input = testProgramme({ durationMs: 3000 });
  const { remuxer, faults, output } = remux();
  remuxer.push(input);
  const found = output();
  t.deepEqual(faults.toJSON(), {});
  t.true(remuxer.ready);
  // The PMT is packet 2: what came before it cannot be told yet.
  for (const pid of [VIDEO_PID, AUDIO_PID]) {
    t.true(Buffer.concat(packetsOf(found, pid)).equals(Buffer.concat(packetsOf(after(input, 3), pid))));
  }
  t.is(packetsOf(found, 0x1fff).length, 0);
  const report = checkTransportStream(found);
  t.deepEqual(report.errors, {});
  t.true(
    report.maxPatIntervalMs <= 100 && report.maxPmtIntervalMs <= 100,
    'tables come with the first PCR after 60 ms',
  );
  t.is(remuxer.bytesIn, input.length);
  t.is(remuxer.bytesOut, found.length);
});

test('the same comes out however the packets are cut into pushes, from a buffer that is used again', (t) => {
  const input = testProgramme({ durationMs: 1000 });
  const whole = remux();
  whole.remuxer.push(input);
  for (const step of [1, 2, 7, 64]) {
    const cut = remux();
    const room = Buffer.alloc((step + 1) * 188);
    for (let at = 0; at < input.length; at += step * 188) {
      const copied = input.copy(room, 188, at, at + step * 188);
      cut.remuxer.push(room, 188, 188 + copied);
    }
    room.fill(0);
    t.true(cut.output().equals(whole.output()), `${step} packets at a time`);
    t.true(cut.untouched(), 'what was handed over is not written again');
  }
});

test('foreign programmes do not come through', (t) => {
  const writer = new TsWriter();
  const input = testProgramme({ durationMs: 500 });
  const mixed: Buffer[] = [];
  for (let at = 0; at < input.length; at += 188) {
    mixed.push(input.subarray(at, at + 188), writer.packet({ pid: 0x777, payload: Buffer.alloc(184, 1) }));
  }
  const { remuxer, output } = remux();
  remuxer.push(Buffer.concat(mixed));
  t.is(packetsOf(output(), 0x777).length, 0);
  t.true(packetsOf(output(), VIDEO_PID).length > 20);
});

test('PCRs keep their value over the wrap of the clock, and tables go on coming', (t) => {
  const input = testProgramme({ durationMs: 3000, startPcr: 2 ** 33 * 300 - 27_000_000 });
  const { remuxer, output } = remux();
  remuxer.push(input);
  const report = checkTransportStream(output());
  t.deepEqual(report.errors, {});
  t.true(report.maxPatIntervalMs <= 100);
  t.true((remuxer.lastPcr ?? 0) < 2 * 27_000_000);
});

test('a jump of the clock does not stop the tables', (t) => {
  for (const jump of [-3_600_000, 3_600_000]) {
    const input = testProgramme({
      durationMs: 2000,
      shiftPcr: (atMs) => (atMs < 1000 ? 0 : jump * 27_000),
      startPcr: 2 ** 40,
    });
    const { remuxer, output } = remux();
    remuxer.push(input);
    t.true(sectionsOf(output(), 0).length >= 20, `${jump} ms`);
  }
});

test('without a PMT nothing comes out and the programmes of the PAT are known', (t) => {
  const input = testProgramme({ durationMs: 500, omit: (slot) => slot === 'pmt' });
  const { remuxer, output } = remux();
  remuxer.push(input);
  t.false(remuxer.ready);
  t.is(output().length, 0);
  t.deepEqual(remuxer.programs.map(Number), [PROGRAMME]);
});

const fault = test.macro<[string, Parameters<typeof testProgramme>[0]['edit'], Record<string, number>]>({
  exec(t, _name, edit, expected) {
    const { remuxer, faults } = remux();
    remuxer.push(testProgramme({ durationMs: 400, ...(edit === undefined ? {} : { edit }) }));
    t.deepEqual(faults.toJSON(), expected);
  },
  title: (_, name) => `counted: ${name}`,
});
const at = (ms: number, spoil: (bytes: Buffer) => void) => (bytes: Buffer, _slot: string, atMs: number) => {
  if (atMs === ms) spoil(bytes);
};
test(fault, 'nothing in a good stream', undefined, {});
test(
  fault,
  'a transport error, and the packet missing for it',
  at(200, (bytes) => bytes.writeUInt8((bytes[1] ?? 0) | 0x80, 1)),
  {
    'transport-error': 1,
    continuity: 1,
  },
);
test(
  fault,
  'a wrong counter, there and back',
  at(200, (bytes) => bytes.writeUInt8((bytes[3] ?? 0) ^ 0x08, 3)),
  { continuity: 2 },
);
test(
  fault,
  'a PAT with a wrong CRC',
  at(201, (bytes) => bytes.writeUInt8(0x55, 12)),
  { 'pat-section': 1 },
);
test(
  fault,
  'a PMT with a wrong CRC',
  at(202, (bytes) => bytes.writeUInt8(0x55, 20)),
  { 'pmt-section': 1 },
);

test('the source starting anew is no loss once that is said', (t) => {
  const { remuxer, faults, output } = remux();
  remuxer.push(testProgramme({ durationMs: 430 }));
  remuxer.discontinuity();
  t.is(remuxer.lastPcr, null);
  remuxer.push(testProgramme({ durationMs: 430, startPcr: 2 ** 41 }));
  t.deepEqual(faults.toJSON(), {});
  t.true(sectionsOf(output(), 0).length >= 8);
});

/** Swallows its PID and counts. */
class Swallower implements PacketReplacer {
  readonly lost: number[] = [];
  readonly lastContinuity = 9;
  pushPacket(_bytes: Uint8Array, _offset: number, lost: number): void {
    this.lost.push(lost);
  }
}

test('a replacer gets its packets and what is missing before them, the rest passes', (t) => {
  const swallower = new Swallower();
  const input = testProgramme({
    durationMs: 600,
    edit: at(53 + 24 * 10, (bytes) => bytes.writeUInt8((bytes[1] ?? 0) | 0x80, 1)),
  });
  const { remuxer, output } = remux({
    plan: ({ streams }) => ({
      streams: streams.map((source) => {
        if (source.pid !== AUDIO_PID) return { source, stream: source, replacer: null };
        return { source, stream: { ...source, streamType: asStreamType(0x0f) }, replacer: swallower };
      }),
    }),
  });
  remuxer.push(input);
  t.is(packetsOf(output(), AUDIO_PID).length, 0);
  t.is(swallower.lost.filter((lost) => lost === 1).length, 1);
  t.true(swallower.lost.length > 20);
  t.true(Buffer.concat(packetsOf(output(), VIDEO_PID)).equals(Buffer.concat(packetsOf(after(input, 3), VIDEO_PID))));
  const [pmt] = sectionsOf(output(), PMT_PID).map(parsePmt);
  t.is(pmt?.streams.find((stream) => stream.pid === AUDIO_PID)?.streamType, asStreamType(0x0f));
});

test('packets that cannot be read, scrambled or broken, are missing for a replacer and for a tap', (t) => {
  const edit = (bytes: Buffer, slot: string, ms: number): void => {
    if (slot !== 'audio' || ms < 200 || ms >= 300) return;
    if (ms < 270) bytes[3] = (bytes[3] ?? 0) | 0x80;
    else bytes[4] = 0xff; // adaptation_field_length
  };
  for (const tapped of [false, true]) {
    const swallower = new Swallower();
    const { remuxer } = remux({
      plan: ({ streams }) => ({
        streams: streams.flatMap((source) => {
          const passed = { source, stream: source, replacer: null };
          if (source.pid !== AUDIO_PID) return [passed];
          const replaced = { source, stream: { ...source, pid: asPid(0x1e00) }, replacer: swallower };
          return tapped ? [passed, replaced] : [replaced];
        }),
      }),
    });
    remuxer.push(testProgramme({ durationMs: 600, edit }));
    t.deepEqual(
      swallower.lost.filter((lost) => lost > 0),
      [4],
    );
  }
});

test('the PCRs of a replaced stream stay, in packets of their own', (t) => {
  const input = testProgramme({ durationMs: 600 });
  const { remuxer, output } = remux({
    plan: ({ streams }) => ({
      streams: streams.map((source) => {
        return { source, stream: source, replacer: source.pid === VIDEO_PID ? new Swallower() : null };
      }),
    }),
  });
  remuxer.push(input);
  const before = checkTransportStream(input).pcr.get(VIDEO_PID);
  const behind = checkTransportStream(output()).pcr.get(VIDEO_PID);
  t.is(behind?.count, (before?.count ?? 0) - 1, 'all but the one before the PMT');
  t.is(behind?.maxIntervalMs, before?.maxIntervalMs);
  t.true(
    packetsOf(output(), VIDEO_PID).every((bytes) => bytes[3] === 0x29),
    'no payload, and the counter of the last',
  );
});

test('a dropped stream is gone from the PMT too', (t) => {
  const { remuxer, output } = remux({
    plan: ({ streams }) => ({
      streams: streams
        .filter(({ pid }) => pid !== AUDIO_PID)
        .map((source) => ({ source, stream: source, replacer: null })),
    }),
  });
  remuxer.push(testProgramme({ durationMs: 300 }));
  t.is(packetsOf(output(), AUDIO_PID).length, 0);
  t.deepEqual(
    sectionsOf(output(), PMT_PID)
      .map(parsePmt)[0]
      ?.streams.map(({ pid }) => pid),
    [asPid(VIDEO_PID)],
  );
});

test('a stream that is passed and made into another as well is there twice, in the order of the plan', (t) => {
  const looker = new Swallower();
  const added = asPid(0x1f0);
  const input = testProgramme({ durationMs: 600 });
  const { remuxer, output } = remux({
    plan: ({ streams }) => ({
      streams: streams.flatMap((source) => {
        const passed = { source, stream: source, replacer: null };
        if (source.pid !== AUDIO_PID) return [passed];
        return [{ source, stream: { ...source, pid: added }, replacer: looker }, passed];
      }),
    }),
  });
  remuxer.push(input);
  const passed = packetsOf(output(), AUDIO_PID);
  t.true(Buffer.concat(passed).equals(Buffer.concat(packetsOf(after(input, 3), AUDIO_PID))));
  t.is(looker.lost.length, passed.length);
  t.deepEqual(
    sectionsOf(output(), PMT_PID)
      .map(parsePmt)[0]
      ?.streams.map(({ pid }) => pid),
    [asPid(VIDEO_PID), added, asPid(AUDIO_PID)],
  );
});

test('a tap sees what passes; asking for the plan anew takes it away again, and the same tables keep their version', (t) => {
  const looker = new Swallower();
  let wanted = true;
  const { remuxer, output } = remux({
    plan: ({ streams }) => ({
      streams: streams.map((source) => ({ source, stream: source, replacer: null })),
      taps: new Map(wanted ? [[asPid(AUDIO_PID), looker]] : []),
    }),
  });
  const input = testProgramme({ durationMs: 1000 });
  remuxer.push(input.subarray(0, 500 * 188));
  const seen = looker.lost.length;
  t.true(seen > 15);
  wanted = false;
  remuxer.replan();
  remuxer.push(input.subarray(500 * 188));
  t.is(looker.lost.length, seen);
  t.deepEqual([...new Set(sectionsOf(output(), PMT_PID).map((bytes) => parsePmt(bytes)?.header.version))], [0]);
  t.true(Buffer.concat(packetsOf(output(), AUDIO_PID)).equals(Buffer.concat(packetsOf(after(input, 3), AUDIO_PID))));
});

test('a stream that is looked at before it is let through is in the PMT from then on, under a new version', (t) => {
  const looker = new Swallower();
  let known = false;
  const { remuxer, output } = remux({
    plan: ({ streams }) => ({
      streams: streams
        .filter(({ pid }) => known || pid !== AUDIO_PID)
        .map((source) => ({ source, stream: source, replacer: null })),
      taps: new Map(known ? [] : [[asPid(AUDIO_PID), looker]]),
    }),
  });
  const input = testProgramme({ durationMs: 1000 });
  remuxer.push(input.subarray(0, 500 * 188));
  t.true(looker.lost.length > 15);
  t.is(packetsOf(output(), AUDIO_PID).length, 0);
  known = true;
  remuxer.replan();
  remuxer.push(input.subarray(500 * 188));
  t.true(Buffer.concat(packetsOf(output(), AUDIO_PID)).equals(Buffer.concat(packetsOf(after(input, 500), AUDIO_PID))));
  const pmts = sectionsOf(output(), PMT_PID).map(parsePmt);
  t.deepEqual([...new Set(pmts.map((pmt) => `${pmt?.header.version}: ${pmt?.streams.length}`))], ['0: 1', '1: 2']);
  t.deepEqual(checkTransportStream(output()).errors, {});
});

test('a programme without a clock keeps its tables, at the pace of the source', (t) => {
  const { remuxer, output } = remux();
  const pmt = pmtSection({ program: PROGRAMME, pcrPid: 0x1fff, streams: [{ type: 0x03, pid: AUDIO_PID }] });
  remuxer.push(testProgramme({ durationMs: 2000, pmt, omit: (slot) => slot === 'video' || slot === 'pcr' }));
  t.true(sectionsOf(output(), PMT_PID).length >= 19);
});

test('clock steps that nobody announced are counted, announced ones are not', (t) => {
  for (const announced of [false, true]) {
    const input = testProgramme({
      durationMs: 1000,
      shiftPcr: (atMs) => (atMs < 500 ? 0 : 5 * 27_000_000),
      edit: (bytes, slot, atMs) => {
        if (announced && atMs === 500 && slot === 'pcr') bytes.writeUInt8((bytes[5] ?? 0) | 0x80, 5);
      },
    });
    const { remuxer, faults } = remux();
    remuxer.push(input);
    t.is(faults.get('pcr-jump'), announced ? 0 : 1);
  }
});

test('what was scrambled is counted by PID, and passed', (t) => {
  const { remuxer, faults, output } = remux();
  const input = testProgramme({
    durationMs: 500,
    edit: (bytes, slot) => {
      if (slot === 'audio') bytes.writeUInt8((bytes[3] ?? 0) | 0x80, 3);
    },
  });
  remuxer.push(input);
  const { packets, scrambled } = remuxer.packetsOf(asPid(AUDIO_PID));
  t.is(packets, scrambled + 0);
  t.is(faults.get('scrambled'), scrambled);
  t.true(Buffer.concat(packetsOf(output(), AUDIO_PID)).equals(Buffer.concat(packetsOf(after(input, 3), AUDIO_PID))));
  t.deepEqual(remuxer.packetsOf(asPid(VIDEO_PID)).scrambled, 0);
  t.deepEqual(remuxer.pids.map(Number), [0, PMT_PID, VIDEO_PID, AUDIO_PID]);
});

test('the service gets the name it is given, although the source sends none', (t) => {
  const { remuxer, output } = remux({
    service: { description: { serviceType: 0x19, provider: 'ARD', name: 'Das Erste HD' }, originalNetworkId: 1 },
  });
  remuxer.push(testProgramme({ durationMs: 2500 }));
  const found = sectionsOf(output(), 0x11).map(parseSdt);
  t.is(found.length, 4, 'with the first PMT, with the first PCR, and then every second');
  t.is(found[0]?.services.length, 1);
  t.is(found[0]?.services[0]?.service, asProgramNumber(PROGRAMME));
  t.is(serviceDescription(found[0]?.services[0]?.descriptors ?? [])?.name, 'Das Erste HD');
});

test("without a name the source's own SDT is cut down to the service", (t) => {
  const loop = descriptor(0x48, 1, 0, 3, 'Two');
  const service = (sid: number, bytes: Buffer) =>
    Buffer.concat([Buffer.from([sid >> 8, sid & 0xff, 0xfc, 0x80, bytes.length]), bytes]);
  const foreign = service(7, descriptor(0x48, 1, 0, 3, 'One'));
  const body = Buffer.concat([Buffer.from([0, 1, 0xff]), foreign, service(PROGRAMME, loop)]);
  const { remuxer, output } = remux();
  remuxer.push(testProgramme({ durationMs: 100 }));
  for (const bytes of sectionPackets(0x11, section({ tableId: 0x42, body }))) remuxer.push(bytes);
  remuxer.push(after(testProgramme({ durationMs: 2500 }), 100));
  const [sdt] = sectionsOf(output(), 0x11).map(parseSdt);
  t.deepEqual(
    sdt?.services.map((one) => [Number(one.service), serviceDescription(one.descriptors)?.name]),
    [[PROGRAMME, 'Two']],
  );
});

test('EIT and TDT pass', (t) => {
  const { remuxer, output } = remux();
  remuxer.push(testProgramme({ durationMs: 100 }));
  remuxer.push(packet({ pid: 0x12, payload: Buffer.alloc(184, 3) }));
  remuxer.push(packet({ pid: 0x14, payload: Buffer.alloc(184, 4) }));
  remuxer.push(packet({ pid: 0x10, payload: Buffer.alloc(184, 5) }));
  t.deepEqual(
    [0x12, 0x14, 0x10].map((pid) => packetsOf(output(), pid).length),
    [1, 1, 0],
  );
});
