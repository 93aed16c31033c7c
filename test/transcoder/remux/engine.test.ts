import test from 'ava';
import { languageOf } from '#shared/mpegts/descriptors.ts';
import { type PmtStream, parsePmt } from '#shared/mpegts/pmt.ts';
import { SectionAssembler } from '#shared/mpegts/section.ts';
import { audioOffset, decodeAudio } from '#test/helpers/audio-offset.ts';
import { probeStreams } from '#test/helpers/ffprobe.ts';
import { checkTransportStream } from '#test/helpers/tr101290.ts';
import { descriptor, packet, patSection, pmtSection, TsWriter } from '#test/helpers/ts-builder.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { AUDIO_PID, audioProgramme, PMT_PID, PROGRAMME, VIDEO_PID } from '../support/audio-programme.ts';
import { decodeSource, encodeNoise } from '../support/audio-source.ts';
import { remux } from '../support/remux.ts';

silenceFfmpegLog();

function packetsOf(bytes: Buffer, pid: number): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 188) {
    if ((bytes.readUInt16BE(at + 1) & 0x1fff) === pid) found.push(bytes.subarray(at, at + 188));
  }
  return found;
}

/** The streams of each PMT version, in order. */
function pmtsOf(bytes: Buffer): (readonly PmtStream[])[] {
  const versions = new Map<number, readonly PmtStream[]>();
  const assembler = new SectionAssembler(
    (section) => {
      const pmt = parsePmt(section);
      if (pmt !== null) versions.set(pmt.header.version, pmt.streams);
    },
    (fault) => {
      throw new Error(fault);
    },
  );
  for (const one of packetsOf(bytes, PMT_PID)) assembler.pushPacket(one, 0);
  return [...versions.values()];
}

/** A programme of several tracks that come at the same time: each a whole programme of its own, its PIDs moved. */
function tracksTogether(tracks: readonly { bytes: Buffer; pid: number; type: number; descriptors: Buffer }[]): Buffer {
  const writer = new TsWriter();
  const streams = [
    { type: 0x1b, pid: VIDEO_PID },
    ...tracks.map(({ type, pid, descriptors }) => ({ type, pid, descriptors })),
  ];
  const pat = patSection({ programs: [[PROGRAMME, PMT_PID]] });
  const pmt = pmtSection({ program: PROGRAMME, pcrPid: VIDEO_PID, streams });
  const clock = tracks[0]?.bytes ?? Buffer.alloc(0);
  const queues = tracks.map(({ bytes, pid }) => ({ packets: packetsOf(bytes, AUDIO_PID), pid, next: 0 }));
  const total = clock.length / 188;
  for (let index = 0; index < total; index++) {
    const one = Buffer.from(clock.subarray(index * 188, index * 188 + 188));
    const pid = one.readUInt16BE(1) & 0x1fff;
    if (pid === 0) writer.section(0, pat);
    else if (pid === PMT_PID) writer.section(PMT_PID, pmt);
    else if (pid === VIDEO_PID) writer.raw(one);
    for (const queue of queues) {
      const due = Math.ceil(((index + 1) * queue.packets.length) / total);
      for (; queue.next < due; queue.next++) {
        const moved = Buffer.from(queue.packets[queue.next] as Buffer);
        moved.writeUInt16BE((moved.readUInt16BE(1) & 0xe000) | queue.pid, 1);
        writer.raw(moved);
      }
    }
  }
  return writer.bytes();
}

const programmeOf = async (format: Parameters<typeof encodeNoise>[0], seconds = 2, from = 0): Promise<Buffer> =>
  audioProgramme([{ source: await encodeNoise(format, from, seconds) }]);

const AC3_TAG = descriptor(0x6a, 0);
const surround = await programmeOf({ codec: 'ac3', channels: 6, bitrate: '448k' });
const german = await programmeOf({ codec: 'mp2', bitrate: '192k' });
const described = await programmeOf({ codec: 'mp2', bitrate: '192k' }, 2, 5);
const broadcast = tracksTogether([
  {
    bytes: german,
    pid: 0x301,
    type: 0x03,
    descriptors: Buffer.concat([descriptor(0x0a, 'deu', 0), descriptor(0x52, 7)]),
  },
  { bytes: surround, pid: 0x302, type: 0x06, descriptors: Buffer.concat([descriptor(0x0a, 'deu', 0), AC3_TAG]) },
  { bytes: described, pid: 0x303, type: 0x03, descriptors: descriptor(0x0a, 'deu', 3) },
  {
    bytes: surround,
    pid: 0x304,
    type: 0x06,
    descriptors: Buffer.concat([descriptor(0x0a, 'eng', 0), descriptor(0x6a, 0x80, 0x52)]),
  },
]);

test('every track becomes AAC on its own PID, with its language, its purpose and its tag', async (t) => {
  const { output, infos } = remux(broadcast);
  const [streams = []] = pmtsOf(output);
  t.deepEqual(
    streams.map(({ pid, streamType }) => [Number(pid), Number(streamType)]),
    [
      [VIDEO_PID, 0x1b],
      [0x301, 0x0f],
      [0x302, 0x0f],
      [0x303, 0x0f],
      [0x304, 0x0f],
    ],
  );
  t.deepEqual(
    streams.slice(1).map(({ descriptors }) => languageOf(descriptors)),
    [
      { code: 'deu', audioType: 'undefined' },
      { code: 'deu', audioType: 'undefined' },
      { code: 'deu', audioType: 'visual-impaired-commentary' },
      // Said by the AC-3 descriptor alone, which is gone with the AC-3.
      { code: 'eng', audioType: 'visual-impaired-commentary' },
    ],
  );
  t.deepEqual(
    streams[1]?.descriptors.map(({ tag }) => tag),
    [0x0a, 0x52],
  );
  t.deepEqual(
    infos.at(-1)?.tracks.map(({ role }) => role),
    [null, 'main', 'main', 'audio-description', 'audio-description'],
  );
  t.true(
    (await probeStreams(output, 'audio')).every(({ codec_name: name, channels }) => name === 'aac' && channels === 2),
  );
  t.deepEqual(checkTransportStream(output).errors, {});
});

test('aac-first: all AAC in front, AC-3 behind it byte for byte, MP2 replaced', async (t) => {
  const { output, infos } = remux(broadcast, { mode: 'aac-first' });
  const [streams = []] = pmtsOf(output);
  const added = infos.at(-1)?.tracks.map(({ addedPid }) => addedPid) ?? [];
  t.deepEqual(
    streams.map(({ pid, streamType }) => [Number(pid), Number(streamType)]),
    [
      [VIDEO_PID, 0x1b],
      [0x301, 0x0f],
      [added[2] ?? 0, 0x0f],
      [0x303, 0x0f],
      [added[4] ?? 0, 0x0f],
      [0x302, 0x06],
      [0x304, 0x06],
    ],
  );
  for (const pid of [0x302, 0x304]) {
    const [before, behind] = [packetsOf(broadcast, pid), packetsOf(output, pid)];
    t.true(behind.length >= before.length - 3, 'all but what came before the PMT');
    t.true(Buffer.concat(before.slice(-behind.length)).equals(Buffer.concat(behind)));
  }
  const codecs = (await probeStreams(output, 'audio')).map(({ codec_name: name, channels }) => `${name}/${channels}`);
  t.deepEqual(codecs, ['aac/2', 'aac/2', 'aac/2', 'aac/2', 'ac3/6', 'ac3/6']);
  t.deepEqual(checkTransportStream(output).errors, {});
});

const LANGUAGES: readonly (readonly [string, readonly number[]])[] = [
  ['deu', [0x301]],
  ['ger', [0x301]],
  ['deu-ad', [0x303]],
  ['eng', [0x304]],
  ['fra', [0x301, 0x302, 0x303, 0x304]],
];
for (const [language, pids] of LANGUAGES) {
  test(`language ${language} keeps ${pids.map((pid) => `0x${pid.toString(16)}`).join(', ')}`, (t) => {
    const { output } = remux(broadcast, { language });
    const [streams = []] = pmtsOf(output);
    t.deepEqual(
      streams.slice(1).map(({ pid }) => Number(pid)),
      pids,
    );
    for (const pid of [0x301, 0x302, 0x303, 0x304]) t.is(packetsOf(output, pid).length > 0, pids.includes(pid));
  });
}

test("the source's channels: 5.1 stays 5.1, at a bit rate for six", async (t) => {
  const { output } = remux(surround, { channels: 'source', bitrate: 128_000 });
  const [track] = await probeStreams(output, 'audio');
  t.like(track, { codec_name: 'aac', channels: 6 });
  const [stereo, six] = [remux(surround, { bitrate: 128_000 }).output, output].map(
    (bytes) => packetsOf(bytes, AUDIO_PID).length,
  );
  t.true((six ?? 0) > 1.6 * (stereo ?? 0), `${six} packets against ${stereo}`);
});

test('dual mono with two languages: the one that is wanted on both sides, the first without a wish', async (t) => {
  const source = await encodeNoise({ codec: 'mp2', bitrate: '192k', channels: 2 }, 0, 2);
  // mode '10' dual_channel in place of '00' stereo: the syntax of the frame is the same.
  const frames = source.frames.map((frame) => {
    const copy = Buffer.from(frame);
    copy[3] = ((copy[3] ?? 0) & 0x3f) | 0x80;
    return copy;
  });
  const bytes = audioProgramme([{ source: { ...source, frames } }]);
  const bilingual = tracksTogether([
    { bytes, pid: AUDIO_PID, type: 0x03, descriptors: descriptor(0x0a, 'deu', 0, 'eng', 0) },
  ]);
  const languages = (language: string | null): (string | undefined)[] =>
    pmtsOf(remux(bilingual, { language }).output)[0]
      ?.slice(1)
      .map((s) => languageOf(s.descriptors)?.code) ?? [];
  t.deepEqual(languages(null), ['deu']);
  t.deepEqual(languages('eng'), ['eng']);
  t.deepEqual(languages('deu'), ['deu']);
});

test('AAC that comes as ADTS passes untouched; with loudness it is decoded and made anew', async (t) => {
  const adts = await programmeOf({ codec: 'adts', bitrate: '128k' });
  const plain = remux(adts);
  t.true(Buffer.concat(packetsOf(adts, AUDIO_PID)).equals(Buffer.concat(packetsOf(plain.output, AUDIO_PID))));
  t.is(plain.stats.framesDecoded, 0);
  t.true(remux(adts, { loudness: true }).stats.framesDecoded > 80);
});

test('LATM becomes ADTS without being decoded, and sounds the same', async (t) => {
  const source = await encodeNoise({ codec: 'latm', bitrate: '128k' }, 0, 3);
  const { output, stats } = remux(audioProgramme([{ source }]));
  t.is(stats.framesDecoded, 0);
  t.true(stats.framesEncoded >= source.frames.length - 1);
  const [before, after] = [await decodeSource(source), await decodeAudio(output)];
  const reference = { startTicks: 900_000, sampleRate: 48_000, samples: before };
  const { offsetMs, correlation } = audioOffset(reference, after, { fromSeconds: 1, seconds: 1 });
  t.true(correlation > 0.9999 && Math.abs(offsetMs) < 0.01, `${offsetMs} ms, correlation ${correlation}`);
  t.deepEqual(checkTransportStream(output).errors, {});
});

test('loudness brings a quiet programme up', async (t) => {
  const quiet = audioProgramme([{ source: await encodeNoise({ codec: 'mp2', bitrate: '256k' }, 0, 12, 0.1) }]);
  const power = async (output: Buffer): Promise<number> => {
    const { samples } = await decodeAudio(output);
    const part = samples.subarray(9 * 48_000, 11 * 48_000);
    return 10 * Math.log10(part.reduce((sum, value) => sum + value * value, 0) / part.length);
  };
  const gain = (await power(remux(quiet, { loudness: true }).output)) - (await power(remux(quiet).output));
  t.true(gain > 5, `${gain.toFixed(1)} dB`);
});

test('a stream that no table explains is found to be audio, and comes in with a new PMT', async (t) => {
  const unexplained = tracksTogether([
    { bytes: german, pid: 0x301, type: 0x06, descriptors: descriptor(0x0a, 'deu', 0) },
  ]);
  const { output, infos } = remux(unexplained);
  t.deepEqual(
    pmtsOf(output).map((streams) => streams.map(({ streamType }) => Number(streamType))),
    [[0x1b], [0x1b, 0x0f]],
  );
  t.is(infos.at(-1)?.tracks[1]?.codec, 'mpeg-audio');
  t.deepEqual(checkTransportStream(output).errors, {});
  t.deepEqual(
    (await probeStreams(output, 'audio')).map(({ codec_name: name }) => name),
    ['aac'],
  );
});

test('private data that is no audio is let through once that is sure', (t) => {
  const writer = new TsWriter();
  const noise = Buffer.from(Array.from({ length: 60_000 }, (_, at) => (at * 131 + (at >> 3)) & 0xff));
  for (let at = 0; at < 60_000; at += 4_000) {
    writer.pes(AUDIO_PID, { streamId: 0xbd, data: noise.subarray(at, at + 4_000), pts: 900_000 + at });
  }
  const bytes = tracksTogether([
    { bytes: german, pid: 0x301, type: 0x03, descriptors: descriptor(0x0a, 'deu', 0) },
    { bytes: writer.bytes(), pid: 0x305, type: 0x06, descriptors: Buffer.alloc(0) },
  ]);
  const { output } = remux(bytes);
  t.deepEqual(
    pmtsOf(output).map((streams) => streams.map(({ pid }) => Number(pid))),
    [
      [VIDEO_PID, 0x301],
      [VIDEO_PID, 0x301, 0x305],
    ],
  );
  t.true(packetsOf(output, 0x305).length > 20);
});

test('the codec is not what the PMT says: it is found, and what comes out is what is announced', async (t) => {
  const wrong = tracksTogether([{ bytes: surround, pid: 0x301, type: 0x03, descriptors: descriptor(0x0a, 'deu', 0) }]);
  const { output, stats } = remux(wrong);
  t.true(stats.framesDecoded > 50);
  t.deepEqual(
    (await probeStreams(output, 'audio')).map(({ codec_name: name }) => name),
    ['aac'],
  );
  t.is(pmtsOf(output).length, 1);
});

test('scrambled packets, uncorrected ones and duplicates are counted and never decoded; sound returns in its place', async (t) => {
  const source = await encodeNoise({ codec: 'mp2', bitrate: '256k' }, 0, 6);
  const audio = packetsOf(audioProgramme([{ source }]), AUDIO_PID).length;
  let seen = 0;
  const input = audioProgramme([{ source }], {
    edit: (bytes, pid) => {
      if (pid !== AUDIO_PID) return bytes;
      const at = seen++ / audio;
      if (at > 0.3 && at < 0.4) bytes.writeUInt8((bytes[3] ?? 0) | 0x80, 3);
      if (at > 0.6 && at < 0.62) bytes.writeUInt8((bytes[1] ?? 0) | 0x80, 1);
      return at > 0.8 && at < 0.81 ? Buffer.concat([bytes, bytes]) : bytes;
    },
  });
  const { output, stats } = remux(input);
  t.true((stats.errors['scrambled'] ?? 0) > 40);
  t.true((stats.errors['transport-error'] ?? 0) > 5);
  t.true((stats.errors['duplicate'] ?? 0) > 3);
  t.is(stats.errors['decode'] ?? 0, 0);
  t.deepEqual(checkTransportStream(output).errors, {});
  const [samples, after] = [await decodeSource(source), await decodeAudio(output)];
  for (const fromSeconds of [1, 3, 4.2, 5.3]) {
    const { offsetMs, correlation } = audioOffset({ startTicks: 900_000, sampleRate: 48_000, samples }, after, {
      fromSeconds,
      seconds: 0.3,
    });
    t.true(correlation > 0.75 && Math.abs(offsetMs) <= 1, `${fromSeconds} s: ${offsetMs} ms, ${correlation}`);
  }
});

test('sound that comes late in the source still reaches the player before its time: the rest is held back', async (t) => {
  const source = await encodeNoise({ codec: 'ac3', bitrate: '256k' }, 0, 4);
  const { output, stats } = remux(audioProgramme([{ source }], { leadMs: 30 }));
  t.true(stats.holdMs >= 100 && stats.holdMs <= 400, `held for ${stats.holdMs} ms`);
  let pcr = 0;
  let late = 0;
  let units = 0;
  for (let at = output.length >> 1; at < output.length; at++) {
    const rest = at % 188;
    if (rest !== 0) at += 188 - rest;
    if (at >= output.length) break;
    const pid = output.readUInt16BE(at + 1) & 0x1fff;
    const field = ((output[at + 3] ?? 0) & 0x20) !== 0 && (output[at + 4] ?? 0) > 0;
    if (pid === VIDEO_PID && field && ((output[at + 5] ?? 0) & 0x10) !== 0) pcr = output.readUInt32BE(at + 6) * 2;
    if (pid !== AUDIO_PID || ((output[at + 1] ?? 0) & 0x40) === 0) continue;
    const from = at + 4 + (field || (output[at + 3] ?? 0) & 0x20 ? 1 + (output[at + 4] ?? 0) : 0);
    const pts = (output.readUInt16BE(from + 10) >> 1) * 2 ** 15 + (output.readUInt16BE(from + 12) >> 1);
    units++;
    if (pts <= pcr) late++;
  }
  t.true(units > 50);
  t.is(late, 0);
});

test('tracks come and go and move to other PIDs with new PMT versions; each is drained before it goes', async (t) => {
  const source = await encodeNoise({ codec: 'mp2', bitrate: '192k' }, 0, 2);
  const writer = new TsWriter();
  const pat = patSection({ programs: [[PROGRAMME, PMT_PID]] });
  const versions = [[0x301], [0x301, 0x302], [0x303], [0x303]];
  let units = 0;
  for (const [version, pids] of versions.entries()) {
    const streams = [{ type: 0x1b, pid: VIDEO_PID }, ...pids.map((pid) => ({ type: 0x03, pid }))];
    const pmt = pmtSection({ program: PROGRAMME, version, pcrPid: VIDEO_PID, streams });
    for (let index = 0; index < 20; index++) {
      const ticks = 900_000 + (version * 20 + index) * 2160;
      if (index % 4 === 0) {
        writer.section(0, pat);
        writer.section(PMT_PID, pmt);
      }
      writer.packet({ pid: VIDEO_PID, adaptation: { pcr: (ticks - 36_000) * 300 } });
      for (const pid of pids) {
        writer.pes(pid, { streamId: 0xc0, pts: ticks, data: source.frames[index] ?? Buffer.alloc(0) });
        units++;
      }
    }
  }
  const { output, stats, infos } = remux(writer.bytes());
  t.deepEqual(
    infos.map(({ tracks }) => tracks.slice(1).map(({ pid }) => pid)),
    versions,
  );
  t.is(stats.framesDecoded, units);
  // Every sample comes out: 1152 a frame, three tracks in all, each rounded up to whole access units, one before each.
  t.true(stats.framesEncoded >= Math.floor((units * 1152) / 1024), `${stats.framesEncoded} units of ${units} frames`);
  t.deepEqual(checkTransportStream(output).errors, {});
});

test('a service that replaces another in mid-stream is followed', async (t) => {
  const first = await programmeOf({ codec: 'mp2', bitrate: '192k' });
  const writer = new TsWriter();
  const renumbered: Buffer[] = [];
  const pat = patSection({ version: 1, programs: [[0x0202, 0x0110]] });
  const streams = [
    { type: 0x1b, pid: VIDEO_PID },
    { type: 0x06, pid: 0x310, descriptors: AC3_TAG },
  ];
  const pmt = pmtSection({ program: 0x0202, pcrPid: VIDEO_PID, streams });
  for (let at = 0; at < surround.length; at += 188) {
    const one = Buffer.from(surround.subarray(at, at + 188));
    const pid = one.readUInt16BE(1) & 0x1fff;
    if (pid === 0) renumbered.push(...writer.section(0, pat));
    else if (pid === PMT_PID) renumbered.push(...writer.section(0x0110, pmt));
    else {
      if (pid === AUDIO_PID) one.writeUInt16BE((one.readUInt16BE(1) & 0xe000) | 0x310, 1);
      renumbered.push(one);
    }
  }
  const { infos, stats } = remux([first, Buffer.concat(renumbered)]);
  t.deepEqual(
    infos.map(({ program, tracks }) => [program, tracks.map(({ codec }) => codec)]),
    [
      [PROGRAMME, ['h264', 'mpeg-audio']],
      [0x0202, ['h264', 'ac3']],
    ],
  );
  t.true(stats.framesDecoded > 130);
});

test('why nothing can be made of a stream is said with what was seen', async (t) => {
  t.like(remux(Buffer.concat([packet({ pid: 0x77, payload: Buffer.alloc(184) })])).hopeless, { code: 'NO_PROGRAM' });
  const onlyPat = new TsWriter();
  onlyPat.section(
    0,
    patSection({
      programs: [
        [1, 0x100],
        [2, 0x200],
      ],
    }),
  );
  t.regex(
    remux(onlyPat.bytes()).hopeless?.message ?? '',
    /programmes 0x0001, 0x0002, but no PMT .*PIDs seen.*0x0000 \(1\)/,
  );
  const scrambled = await programmeOf({ codec: 'mp2' });
  for (let at = 0; at < scrambled.length; at += 188) {
    const pid = scrambled.readUInt16BE(at + 1) & 0x1fff;
    if (pid === VIDEO_PID || pid === AUDIO_PID) scrambled[at + 3] = (scrambled[at + 3] ?? 0) | 0x80;
  }
  const { hopeless } = remux(scrambled);
  t.is(hopeless?.code, 'SCRAMBLED');
  t.regex(hopeless?.message ?? '', /0x0300 0x03 MPEG-1 audio: \d+ packets, \d+ scrambled/);
  const mute = pmtSection({ program: PROGRAMME, pcrPid: 0x1fff, streams: [{ type: 0x03, pid: AUDIO_PID }] });
  const silent = new TsWriter();
  silent.section(0, patSection({ programs: [[PROGRAMME, PMT_PID]] }));
  silent.section(PMT_PID, mute);
  for (let n = 0; n < 300; n++) silent.pes(AUDIO_PID, { streamId: 0xc0, pts: n * 2160, data: Buffer.alloc(500, n) });
  t.like(remux(silent.bytes()).hopeless, { code: 'NO_AUDIO' });
  t.is(remux(broadcast).hopeless, null);
});

test('the same comes out however the packets are cut into pushes', (t) => {
  const whole = remux(broadcast, { chunk: 1_000_000 }).output;
  for (const chunk of [188, 1_880, 6_007]) {
    const cut = remux(broadcast, { chunk }).output;
    t.is(cut.length, whole.length);
    for (const pid of [0, PMT_PID, VIDEO_PID, 0x301, 0x302]) {
      t.true(Buffer.concat(packetsOf(cut, pid)).equals(Buffer.concat(packetsOf(whole, pid))), `PID ${pid}, ${chunk}`);
    }
  }
});
