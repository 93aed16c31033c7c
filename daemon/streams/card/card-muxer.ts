/** Spec: ISO/IEC 13818-1:2019, 2.4.3 (packets, PES), 2.7 (how often clocks, stamps and tables come); ETSI TR 101 290. */
import { writePcrPacket, writeStuffingField } from '#shared/mpegts/adaptation-field.ts';
import { continuityAt, PACKET_SIZE, pidAt, writePacketHeader } from '#shared/mpegts/packet.ts';
import { PacketOutput } from '#shared/mpegts/packet-output.ts';
import { PES_HEADER_WITH_PTS, writePesHeader } from '#shared/mpegts/pes-header.ts';
import type { Pmt } from '#shared/mpegts/pmt.ts';
import { ProgramTables } from '#shared/mpegts/program-tables.ts';
import type { Sdt } from '#shared/mpegts/sdt.ts';
import { type Pid, wrapPcr, wrapPts } from '#shared/mpegts/types.ts';
import type { Ratio } from '../video-format.ts';

/** An encoded card. */
export interface CardMedia {
  /** Access units of one closed GOP, the first a random access point, none reordered. */
  readonly pictures: readonly Uint8Array[];
  readonly silence: Uint8Array;
  /** At 48 kHz. */
  readonly silenceSamples: number;
}

export interface CardProgramme {
  /** Two streams: the video, on its PCR PID, and the sound. */
  readonly pmt: Pmt;
  readonly pmtPid: Pid;
  readonly transportStreamId: number;
  readonly sdt: Sdt;
  readonly videoPid: Pid;
  readonly audioPid: Pid;
  /** stream_id of its PES: 0xc0 MPEG audio and AAC, 0xbd private data (AC-3). */
  readonly audioStreamId: number;
  readonly frameRate: Ratio;
}

const SECOND = 27_000_000;
const MS = 27_000;
/** PCR at the latest so often (DVB: 40 ms), tables (100 ms and 1 s), a batch of silence. */
const PCR_EVERY = 30 * MS;
const TABLES_EVERY = 100 * MS;
const SERVICE_EVERY = SECOND;
/** Sound leaves so long before it is due, pictures so long before they are shown: as it is broadcast. */
const AUDIO_LEAD = 300 * MS;
const VIDEO_LEAD = 700 * MS;
/** The rate at which what is due is sent, unless a card needs more: pictures are whole again soon after they begin. */
const MIN_BIT_RATE = 8_000_000;
/** Room for clocks, tables and sound beside the pictures. */
const OVERHEAD_BITS = 250_000;
/** Tables of the channel itself begin with 0: who goes from one to the other sees a new version. */
const FIRST_VERSION = 16;
const VIDEO_STREAM_ID = 0xe0;
const SAMPLE_RATE = 48_000;
/** Frames of silence to a PES, as many as fit a packet. */
const MAX_FRAMES_PER_PES = 4;

/**
 * Turns a card into a transport stream without end: its GOP over and over, silence beside it, clocks that never jump and
 * counters that never break, also where the card is changed (at the next GOP). Each packet has its place on a grid of one
 * constant rate; places with nothing to send are left out.
 */
export class CardMuxer {
  readonly #programme: CardProgramme;
  readonly #output = new PacketOutput();
  readonly #tables: ProgramTables;
  /** Where the clock begins, in ticks of 27 MHz: any value will do, and another card's is another. */
  readonly #origin: number;
  #media: CardMedia;
  #next: CardMedia | null = null;
  #slotTicks: number;
  /** Since the start, in ticks of 27 MHz: the place of the next packet. */
  #now = 0;
  #pcrDue = 0;
  #tablesDue = 0;
  #serviceDue = 0;
  /** Pictures begun, and the place in the GOP of the next. */
  #pictures = 0;
  #inGop = 0;
  #audioFrames = 0;
  /** Cut and not sent yet. */
  #video: Buffer[] = [];
  #audio: Buffer[] = [];
  /** Counter of the last packet of pictures that was sent: clocks between them repeat it (2.4.3.3). */
  #lastVideo = 15;
  readonly #counters = new Map<Pid, number>();

  constructor(programme: CardProgramme, media: CardMedia, origin = 0) {
    this.#programme = programme;
    this.#media = media;
    this.#origin = origin;
    this.#slotTicks = this.#slotTicksOf(media);
    this.#tables = new ProgramTables(this.#output, FIRST_VERSION);
    this.#tables.setProgram(programme.pmt, programme.pmtPid, programme.transportStreamId);
    this.#tables.setService(programme.sdt);
  }

  /** How much of it there is so far. */
  get nowMs(): number {
    return this.#now / MS;
  }

  /** Shown from the next GOP on. */
  change(media: CardMedia): void {
    this.#next = media;
  }

  /**
   * The packets that are due until `untilMs` after the start, and what it takes to make the last picture whole: wherever a
   * reader stops who has all there is, nothing is cut. Null when there are none.
   */
  run(untilMs: number): Buffer | null {
    const until = untilMs * MS;
    while (this.#now < until || this.#video.length > 0 || this.#audio.length > 0) {
      this.#now += this.#slot() * this.#slotTicks;
    }
    return this.#output.take();
  }

  /** Fills a place; gives how many packets it took. */
  #slot(): number {
    const { videoPid } = this.#programme;
    if (this.#now >= this.#tablesDue) {
      this.#tablesDue += TABLES_EVERY;
      const before = this.#output.pendingBytes;
      this.#tables.writeProgram();
      if (this.#now >= this.#serviceDue) {
        this.#serviceDue += SERVICE_EVERY;
        this.#tables.writeService();
      }
      return (this.#output.pendingBytes - before) / PACKET_SIZE;
    }
    if (this.#now >= this.#pcrDue) {
      this.#pcrDue = this.#now + PCR_EVERY;
      const offset = this.#output.reserve(PACKET_SIZE);
      const pcr = wrapPcr(this.#origin + Math.round(this.#now));
      writePcrPacket(this.#output.buffer, offset, videoPid, this.#lastVideo, pcr, false);
      return 1;
    }
    this.#begin();
    const packet = this.#audio.shift() ?? this.#video.shift();
    if (packet === undefined) return 1;
    if (pidAt(packet, 0) === videoPid) this.#lastVideo = continuityAt(packet, 0);
    this.#output.append(packet, 0, PACKET_SIZE);
    return 1;
  }

  /** Cuts into packets what has come to be due. */
  #begin(): void {
    const { frameRate, videoPid, audioPid, audioStreamId } = this.#programme;
    const shownAt = VIDEO_LEAD + (this.#pictures * SECOND * frameRate.den) / frameRate.num;
    if (this.#video.length === 0 && this.#now >= shownAt - VIDEO_LEAD) {
      if (this.#inGop === 0) this.#take();
      const picture = this.#media.pictures[this.#inGop] as Uint8Array;
      this.#video = this.#packets(videoPid, VIDEO_STREAM_ID, picture, shownAt, this.#inGop === 0);
      this.#pictures++;
      this.#inGop = (this.#inGop + 1) % this.#media.pictures.length;
    }
    const { silence, silenceSamples } = this.#media;
    const heardAt = VIDEO_LEAD + (this.#audioFrames * silenceSamples * SECOND) / SAMPLE_RATE;
    if (this.#audio.length === 0 && this.#now >= heardAt - AUDIO_LEAD) {
      const room = PACKET_SIZE - 4 - PES_HEADER_WITH_PTS;
      const frames = Math.max(1, Math.min(MAX_FRAMES_PER_PES, Math.floor(room / silence.length)));
      const data = Buffer.concat(Array.from({ length: frames }, () => silence));
      this.#audio = this.#packets(audioPid, audioStreamId, data, heardAt, false);
      this.#audioFrames += frames;
    }
  }

  #take(): void {
    if (this.#next === null) return;
    // Frames of silence are counted: those of another length would not fit the count.
    const { silence, silenceSamples } = this.#media;
    this.#media = { ...this.#next, silence, silenceSamples };
    this.#next = null;
    this.#slotTicks = this.#slotTicksOf(this.#media);
  }

  #packets(pid: Pid, streamId: number, data: Uint8Array, at: number, isAccessPoint: boolean): Buffer[] {
    const pes = Buffer.allocUnsafe(PES_HEADER_WITH_PTS + data.length);
    const pts = wrapPts(Math.round((this.#origin + at) / 300));
    writePesHeader(pes, 0, streamId, pts, data.length);
    pes.set(data, PES_HEADER_WITH_PTS);
    const packets: Buffer[] = [];
    for (let from = 0; from < pes.length; ) {
      const isFirst = from === 0;
      const flags = isFirst && isAccessPoint ? 2 : 0; // adaptation field with flags alone
      const take = Math.min(PACKET_SIZE - 4 - flags, pes.length - from);
      const field = PACKET_SIZE - 4 - take;
      const packet = Buffer.allocUnsafeSlow(PACKET_SIZE);
      const counter = this.#counters.get(pid) ?? 0;
      writePacketHeader(packet, 0, pid, isFirst, field > 0 ? 3 : 1, counter);
      if (field > 0) writeStuffingField(packet, 0, field - 1);
      if (flags > 0) packet[5] = 0x40; // random_access_indicator
      packet.set(pes.subarray(from, from + take), 4 + field);
      this.#counters.set(pid, (counter + 1) & 0x0f);
      packets.push(packet);
      from += take;
    }
    return packets;
  }

  #slotTicksOf({ pictures }: CardMedia): number {
    const { frameRate } = this.#programme;
    const seconds = (pictures.length * frameRate.den) / frameRate.num;
    const bytes = pictures.reduce((sum, picture) => sum + picture.length + PACKET_SIZE, 0) * (PACKET_SIZE / 184);
    const rate = Math.max(MIN_BIT_RATE, ((bytes * 8) / seconds) * 1.1 + OVERHEAD_BITS);
    return Math.floor((SECOND * PACKET_SIZE * 8) / rate);
  }
}
