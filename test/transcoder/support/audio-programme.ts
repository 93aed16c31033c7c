import { descriptor, patSection, pmtSection, TsWriter } from '#test/helpers/ts-builder.ts';
import type { SourceFrames } from './audio-source.ts';

export const PROGRAMME = 0x0101;
export const PMT_PID = 0x0100;
export const VIDEO_PID = 0x0200;
export const AUDIO_PID = 0x0300;

const STREAM_TYPES = { mp2: 0x03, ac3: 0x06, eac3: 0x06, latm: 0x11, adts: 0x0f } as const;
const NONE = Buffer.alloc(0);
const DESCRIPTORS = { ac3: descriptor(0x6a, 0), eac3: descriptor(0x7a, 0), mp2: NONE, latm: NONE, adts: NONE };

/** A stretch of sound on the audio PID. */
export interface Stretch {
  readonly source: SourceFrames;
  /** Ticks of 90 kHz by which PTS and PCR leave the line that the stretches before have drawn. */
  readonly jumpTicks?: number;
  /** The same for PTS alone. */
  readonly ptsJumpTicks?: number;
  /** The first packet of the PCR PID says that the clock is new. */
  readonly announced?: boolean;
}

export interface AudioProgrammeOptions {
  readonly startTicks?: number;
  /** By how much a frame's PTS lies ahead of the PCR where it is sent. */
  readonly leadMs?: number;
  readonly framesPerPes?: number;
  /** The audio's clock against that of the programme. */
  readonly driftPpm?: number;
  readonly pcrOnAudio?: boolean;
  /** Every how many PES have a PTS; 1 is all. */
  readonly ptsEvery?: number;
  /** PES borders lie so many bytes behind those of the frames. */
  readonly shiftBytes?: number;
  readonly unbounded?: boolean;
  readonly language?: string;
  /** Changes a finished packet; null leaves it out. */
  readonly edit?: (packet: Buffer, pid: number, index: number) => Buffer | null;
}

/** A programme with one audio track and a video PID that carries the clock and no picture. */
export function audioProgramme(stretches: readonly Stretch[], options: AudioProgrammeOptions = {}): Buffer {
  const writer = new TsWriter();
  const lead = (options.leadMs ?? 400) * 90;
  let line = options.startTicks ?? 900_000;
  let version = -1;
  let nextTables = Number.NEGATIVE_INFINITY;
  let tables: Buffer[] = [];
  let tablesKey = '';
  const clockPid = options.pcrOnAudio === true ? AUDIO_PID : VIDEO_PID;
  let pesCount = 0;
  let carried: Buffer = Buffer.alloc(0);
  for (const stretch of stretches) {
    const { source } = stretch;
    line += (stretch.jumpTicks ?? 0) + (stretch.ptsJumpTicks ?? 0);
    const ptsAhead = stretch.ptsJumpTicks ?? 0;
    const codec = source.format.codec;
    if (codec !== tablesKey) {
      tablesKey = codec;
      version++;
      tables = tableSections(codec, version, clockPid, options.language ?? 'deu');
      nextTables = Number.NEGATIVE_INFINITY;
    }
    const frameTicks = ((source.samplesPerFrame * 90_000) / source.sampleRate) * (1 + (options.driftPpm ?? 0) / 1e6);
    const perPes = options.framesPerPes ?? 1;
    for (let index = 0; index < source.frames.length; index += perPes) {
      const pts = line;
      const clock = pts - ptsAhead - lead;
      if (clock >= nextTables) {
        nextTables = clock + 9_000;
        for (const [at, table] of tables.entries()) writer.section(at === 0 ? 0 : PMT_PID, table);
      }
      const announced = index === 0 && stretch.announced === true;
      for (let frame = 0; frame < perPes; frame++) {
        const pcr = wrap(Math.round((clock + (frame + 1 - perPes) * frameTicks) * 300), 2 ** 33 * 300);
        writer.packet({ pid: clockPid, adaptation: announced && frame === 0 ? { pcr, discontinuity: true } : { pcr } });
        writer.packet({ pid: VIDEO_PID, payload: Buffer.alloc(184, index & 0x7f) });
      }
      const frames = Buffer.concat(source.frames.slice(index, index + perPes));
      const all = Buffer.concat([carried, frames]);
      const cut = Math.min(options.shiftBytes ?? 0, all.length - 1);
      carried = all.subarray(all.length - cut);
      const stamped = pesCount++ % (options.ptsEvery ?? 1) === 0;
      const data = all.subarray(0, all.length - cut);
      writer.pes(AUDIO_PID, {
        streamId: 0xbd,
        data,
        ...(stamped ? { pts: wrap(Math.round(pts), 2 ** 33) } : {}),
        ...(options.unbounded === true ? { packetLength: 0 } : {}),
      });
      line += Math.min(perPes, source.frames.length - index) * frameTicks;
    }
  }
  if (carried.length > 0) writer.pes(AUDIO_PID, { streamId: 0xbd, data: carried });
  const bytes = writer.bytes();
  return options.edit === undefined ? bytes : edited(bytes, options.edit);
}

function tableSections(codec: keyof typeof STREAM_TYPES, version: number, pcrPid: number, language: string): Buffer[] {
  return [
    patSection({ programs: [[PROGRAMME, PMT_PID]] }),
    pmtSection({
      program: PROGRAMME,
      version,
      pcrPid,
      streams: [
        { type: 0x1b, pid: VIDEO_PID },
        {
          type: STREAM_TYPES[codec],
          pid: AUDIO_PID,
          descriptors: Buffer.concat([descriptor(0x0a, language, 0), DESCRIPTORS[codec]]),
        },
      ],
    }),
  ];
}

function edited(bytes: Buffer, edit: NonNullable<AudioProgrammeOptions['edit']>): Buffer {
  const packets: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; at += 188, index++) {
    const packet = Buffer.from(bytes.subarray(at, at + 188));
    const kept = edit(packet, packet.readUInt16BE(1) & 0x1fff, index);
    if (kept !== null) packets.push(kept);
  }
  return Buffer.concat(packets);
}

function wrap(value: number, modulo: number): number {
  return ((value % modulo) + modulo) % modulo;
}
