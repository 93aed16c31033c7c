import { writePcrPacket } from '#shared/mpegts/adaptation-field.ts';
import { languageDescriptor } from '#shared/mpegts/descriptors.ts';
import { PACKET_SIZE, setContinuity, writePacketHeader } from '#shared/mpegts/packet.ts';
import { buildPat } from '#shared/mpegts/pat.ts';
import { writePesHeader } from '#shared/mpegts/pes-header.ts';
import { buildPmt } from '#shared/mpegts/pmt.ts';
import { packetizeSection } from '#shared/mpegts/section.ts';
import { STREAM_H264, STREAM_MPEG2_AUDIO } from '#shared/mpegts/stream-type.ts';
import { asPid, asProgramNumber, asSectionVersion, PID_PAT, wrapPcr, wrapPts } from '#shared/mpegts/types.ts';

export const PROGRAM = asProgramNumber(0x283d);
export const PMT_PID = asPid(0x100);
export const VIDEO_PID = asPid(0x101);
export const AUDIO_PID = asPid(0x102);

/** Samples of an MPEG audio layer II frame, and its ticks of 90 kHz at 48 kHz. */
const FRAME_TICKS = 2160;
/** 192 kbit/s at 48 kHz. */
const FRAME_BYTES = 576;
/** Bits of allocation, scale factors and samples all zero: a frame of silence that every decoder takes. */
const SILENT_FRAME = Buffer.concat([Buffer.from([0xff, 0xfd, 0xa4, 0x00]), Buffer.alloc(FRAME_BYTES - 4)]);

/**
 * A programme of silence: PAT, PMT, a PCR and a video packet (no picture in it: nobody decodes it) per audio frame, one
 * MPEG audio frame per PES. Enough for everything that does not listen.
 */
export function syntheticProgramme(frames: number, options: { startTicks?: number } = {}): Buffer {
  const start = options.startTicks ?? 90_000;
  const version = asSectionVersion(0);
  const pat = buildPat(1, version, [{ program: PROGRAM, pmtPid: PMT_PID }]);
  const pmt = buildPmt(
    {
      program: PROGRAM,
      pcrPid: VIDEO_PID,
      descriptors: [],
      streams: [
        { streamType: STREAM_H264, pid: VIDEO_PID, descriptors: [] },
        { streamType: STREAM_MPEG2_AUDIO, pid: AUDIO_PID, descriptors: [languageDescriptor('deu')] },
      ],
    },
    version,
  );
  const parts: Buffer[] = [];
  let audioCounter = 0;
  for (let frame = 0; frame < frames; frame++) {
    const ticks = start + frame * FRAME_TICKS;
    if (frame % 4 === 0) {
      parts.push(packetizeSection(pat, PID_PAT, frame / 4), packetizeSection(pmt, PMT_PID, frame / 4));
    }
    const pcr = Buffer.alloc(PACKET_SIZE);
    writePcrPacket(pcr, 0, VIDEO_PID, frame - 1, wrapPcr((ticks - 45_000) * 300), false);
    parts.push(pcr, videoPacket(frame));
    const packets = pesPackets(wrapPts(ticks));
    for (let at = 0; at < packets.length; at += PACKET_SIZE) setContinuity(packets, at, audioCounter++);
    parts.push(packets);
  }
  return Buffer.concat(parts);
}

function videoPacket(counter: number): Buffer {
  const packet = Buffer.alloc(PACKET_SIZE, counter & 0xff);
  writePacketHeader(packet, 0, VIDEO_PID, false, 1, counter);
  return packet;
}

function pesPackets(pts: ReturnType<typeof wrapPts>): Buffer {
  const pes = Buffer.alloc(14 + FRAME_BYTES);
  writePesHeader(pes, 0, 0xc0, pts, FRAME_BYTES);
  SILENT_FRAME.copy(pes, 14);
  const packets: Buffer[] = [];
  for (let at = 0; at < pes.length; at += 184) {
    const packet = Buffer.alloc(PACKET_SIZE, 0xff);
    const take = Math.min(184, pes.length - at);
    const stuffing = 184 - take;
    writePacketHeader(packet, 0, AUDIO_PID, at === 0, stuffing > 0 ? 3 : 1, 0);
    if (stuffing > 0) packet[4] = stuffing - 1; // adaptation_field_length
    if (stuffing > 1) packet[5] = 0; // flags
    pes.copy(packet, 4 + stuffing, at, at + take);
    packets.push(packet);
  }
  return Buffer.concat(packets);
}
