import { hasDiscontinuityIndicator, pcrAt, writePcrPacket } from './adaptation-field.ts';
import { CONTINUITY_DUPLICATE, ContinuityTracker } from './continuity.ts';
import { DelayLine } from './delay-line.ts';
import { DiscontinuityMarker } from './discontinuity-marker.ts';
import type { FaultCounters } from './faults.ts';
import {
  hasPayload,
  hasTransportError,
  PACKET_SIZE,
  payloadOffset,
  pidAt,
  scramblingAt,
  setContinuity,
} from './packet.ts';
import { PacketOutput } from './packet-output.ts';
import type { ParsedPmt, PmtStream } from './pmt.ts';
import { ProgramTables } from './program-tables.ts';
import { ProgramTracker } from './program-tracker.ts';
import { parseSdt, type ServiceDescription, serviceDescriptor } from './sdt.ts';
import { SectionAssembler } from './section.ts';
import { pcrDifference } from './timestamp.ts';
import {
  type Pcr27m,
  PID_EIT,
  PID_NULL,
  PID_PAT,
  PID_SDT,
  PID_TDT,
  type Pid,
  type ProgramNumber,
  wrapPcr,
} from './types.ts';

/** Looks at the packets of a PID: clear ones only, no duplicates. */
export interface PacketTap {
  /** `lost`: packets of this PID that are missing before this one, modulo 16, or could not be read (scrambled). */
  pushPacket(bytes: Uint8Array, offset: number, lost: number): void;
}

/** Takes the packets of a PID in the remuxer's stead and writes others to its output. */
export interface PacketReplacer extends PacketTap {
  /** Counter of the last packet with payload that was written: a PCR-only packet repeats it (2.4.3.3). */
  readonly lastContinuity: number;
}

/** One stream of the output's PMT. */
export interface PlannedStream {
  /** The stream of the source that it is made from. */
  readonly source: PmtStream;
  readonly stream: PmtStream;
  /** Makes it; null passes the source's packets as they are. */
  readonly replacer: PacketReplacer | null;
}

/** What becomes of a programme. Streams of the source that no planned stream is made from are dropped. */
export interface ProgramPlan {
  /** In the order of the output's PMT. */
  readonly streams: readonly PlannedStream[];
  /** Who wants to look at the packets of a PID besides. */
  readonly taps?: ReadonlyMap<Pid, PacketTap>;
}

export interface ProgramRemuxerOptions {
  /** program_number to keep; null: see ProgramTracker. */
  readonly program: ProgramNumber | null;
  readonly faults: FaultCounters;
  /** Name of the service for the SDT; null takes it from the source's SDT, if there is one. */
  readonly service: { readonly description: ServiceDescription; readonly originalNetworkId: number } | null;
  /** Called for each new PMT. Without it all streams pass. */
  readonly plan?: (pmt: ParsedPmt) => ProgramPlan;
  /** The programme was found or has changed; its tables are about to leave. */
  readonly onProgram?: (pmt: ParsedPmt) => void;
  /** Whole packets. */
  readonly onPackets: (packets: Buffer) => void;
  /** What `onPackets` gets is done with when it returns: it is written over by the next push. Otherwise it stays. */
  readonly reuseOutput?: boolean;
}

/** What the packet loop does with a PID. */
const DROP = 0;
const PASS = 1;
/** Passed, and its PCR is read. */
const CLOCK = 2;
const REPLACE = 3;
const PAT = 4;
const PMT = 5;
const SDT = 6;
/** Passed, and its taps look at it. */
const TAP = 7;
/** Dropped, and its taps look at it. */
const LOOK = 8;

/**
 * PAT and PMT leave with the first PCR after 60 ms, in 27 MHz ticks: PCRs being 40 ms apart at the most (2.7.2 allows
 * 100, DVB 40), that is every 100 ms or sooner. TR 101 290 asks for 500 ms.
 */
const TABLE_INTERVAL = 60 * 27_000;
/** Without a clock they leave with the source's PAT, and where that stays away after so many bytes. */
const UNCLOCKED_BYTES = 64 * 1024;
/** SDT: 1 s (ETSI TS 101 211, 4.4.1 asks for 2 s). */
const SERVICE_INTERVAL = 1_000 * 27_000;
/** Longer steps between PCRs without a discontinuity_indicator are faults (TR 101 290, 2.3b: 100 ms). */
const MAX_PCR_STEP = 100 * 27_000;

/**
 * One programme of a transport stream, as a transport stream of its own: PAT, PMT and SDT rewritten, foreign PIDs and
 * stuffing dropped, all else byte for byte in its order, unless a replacer takes a stream over. PCR keep their place and
 * value even where the packets around them are replaced.
 *
 * Synchronous: what a push brings forth is handed over before it returns. Per packet there is one look-up in a table of
 * PIDs and no object.
 */
export class ProgramRemuxer {
  /** Where replacers write: at once, whatever else is held back. */
  readonly output: PacketOutput;
  /** Where everything else goes. */
  readonly #passed = new DelayLine({
    append: (bytes, from, to) => this.#release(bytes, from, to),
  });
  readonly #pcrPacket = Buffer.alloc(PACKET_SIZE);
  readonly #marker = new DiscontinuityMarker();
  readonly #options: ProgramRemuxerOptions;
  readonly #faults: FaultCounters;
  readonly #tables: ProgramTables;
  readonly #tracker: ProgramTracker;
  readonly #sdt: SectionAssembler;
  readonly #continuity = new ContinuityTracker();
  readonly #actions = new Uint8Array(0x2000);
  readonly #replacers = new Map<Pid, PacketReplacer>();
  readonly #taps = new Map<Pid, PacketTap[]>();
  readonly #packets = new Uint32Array(0x2000);
  readonly #scrambled = new Uint32Array(0x2000);
  /** Packets since the last one that could be read, at most 255. */
  readonly #unread = new Uint8Array(0x2000);
  #pmt: ParsedPmt | null = null;
  #pmtPids: readonly Pid[] = [];
  #pcrPid: Pid = PID_NULL;
  #transportStreamId = 0;
  #lastPcr: Pcr27m | null = null;
  #nextTables: Pcr27m | null = null;
  #nextService: Pcr27m | null = null;
  #serviceKey = '';
  #bytesIn = 0;
  /** `#bytesIn` when tables were last written without a clock. */
  #unclockedAt = 0;
  #bytesOut = 0;

  constructor(options: ProgramRemuxerOptions) {
    this.#options = options;
    this.output = new PacketOutput({ reuse: options.reuseOutput ?? false });
    this.#faults = options.faults;
    this.#tables = new ProgramTables(this.#passed);
    this.#actions[PID_PAT] = PAT;
    this.#tracker = new ProgramTracker(options.program, {
      onPmtPids: (pids) => this.#setPmtPids(pids),
      onProgram: (pmt, transportStreamId) => this.#setProgram(pmt, transportStreamId),
      onFault: (table) => this.#faults.add(table === 'pat' ? 'pat-section' : 'pmt-section'),
    });
    this.#sdt = new SectionAssembler(
      (section) => this.#onSdt(section),
      () => undefined, // a broken SDT costs a name, nothing else
    );
  }

  /** Programme numbers of the PAT: for saying why nothing comes out. */
  get programs(): readonly ProgramNumber[] {
    return this.#tracker.programs;
  }

  /** True once the programme was found. */
  get ready(): boolean {
    return this.#tables.ready;
  }

  get bytesIn(): number {
    return this.#bytesIn;
  }

  get bytesOut(): number {
    return this.#bytesOut;
  }

  /** The programme's latest PCR; null before the first. */
  get lastPcr(): Pcr27m | null {
    return this.#lastPcr;
  }

  /** The PIDs on which PMTs are awaited. */
  get pmtPids(): readonly Pid[] {
    return this.#pmtPids;
  }

  /** The source's PMT of the programme; null before the first. */
  get pmt(): ParsedPmt | null {
    return this.#pmt;
  }

  get transportStreamId(): number {
    return this.#transportStreamId;
  }

  /** Packets of a PID so far, and those of them that were scrambled: for saying why nothing comes out. */
  packetsOf(pid: Pid): { readonly packets: number; readonly scrambled: number } {
    return { packets: this.#packets[pid] as number, scrambled: this.#scrambled[pid] as number };
  }

  /** The counter that follows the last packet of a PID in the source; null when none has come. */
  nextContinuity(pid: Pid): number | null {
    return this.#continuity.next(pid);
  }

  /** The PIDs that have been seen, stuffing left out. */
  get pids(): Pid[] {
    const found: Pid[] = [];
    for (let pid = 0; pid < PID_NULL; pid++) if (this.#packets[pid] !== 0) found.push(pid as Pid);
    return found;
  }

  /** Asks for the plan anew: what is known of the programme's streams has changed. Not from within a replacer's call. */
  replan(): void {
    if (this.#pmt !== null) this.#setProgram(this.#pmt, this.#transportStreamId);
  }

  /** Takes the whole packets in `bytes[from, to)`, which may be written again after the call. */
  push(bytes: Buffer, from = 0, to = bytes.length): void {
    this.#bytesIn += to - from;
    let run = from;
    let at = from;
    for (; at + PACKET_SIZE <= to; at += PACKET_SIZE) {
      const pid = pidAt(bytes, at);
      const action = this.#actions[pid] as number;
      this.#packets[pid] = (this.#packets[pid] as number) + 1;
      if (action === PASS) {
        this.#checkOrder(bytes, at, pid);
        continue;
      }
      if (at > run) this.#passed.append(bytes, run, at);
      run = this.#handle(bytes, at, pid, action) ? at : at + PACKET_SIZE;
    }
    if (at > run) this.#passed.append(bytes, run, at);
    if (this.#lastPcr === null && this.#bytesIn - this.#unclockedAt > UNCLOCKED_BYTES) this.#writeUnclocked();
    this.#handOver();
  }

  /** A programme without a clock (PCR_PID 0x1fff, or one that never comes) gets its tables at the source's pace. */
  #writeUnclocked(): void {
    this.#unclockedAt = this.#bytesIn;
    this.#tables.writeProgram();
  }

  /** Takes PAT and PMT that are not of this stream but are likely to hold for it, until its own come. */
  presume(tables: Buffer): void {
    this.push(tables);
    this.#tracker.discontinuity(); // else a table of the stream could pass for a copy of them
  }

  /** The stream ends: what is held back comes out. */
  finish(): void {
    this.#passed.flush();
    this.#handOver();
  }

  /** Held packets leave. A PCR of a replaced stream repeats the counter of what that stream has sent by now. */
  #release(bytes: Buffer, from: number, to: number): void {
    const offset = this.output.reserve(to - from);
    const target = this.output.buffer;
    bytes.copy(target, offset, from, to);
    const replacer = this.#replacers.get(this.#pcrPid);
    if (replacer === undefined) return;
    for (let at = offset; at < offset + to - from; at += PACKET_SIZE) {
      if (pidAt(target, at) === this.#pcrPid && !hasPayload(target, at))
        setContinuity(target, at, replacer.lastContinuity);
    }
  }

  #handOver(): void {
    const packets = this.output.take();
    if (packets === null) return;
    const marked = this.#marker.push(packets);
    if (marked.length === 0) return;
    this.#bytesOut += marked.length;
    this.#options.onPackets(marked);
  }

  /** How long passed packets are held back against replaced ones, in 27 MHz ticks. */
  get holdTicks(): number {
    return this.#passed.holdTicks;
  }

  setHold(ticks: number): void {
    this.#passed.setHold(ticks);
  }

  /**
   * The source was interrupted: half sections are dropped, counters and clock start anew, and the output says so where it
   * goes on (`DiscontinuityMarker`).
   */
  discontinuity(): void {
    this.#passed.flush();
    this.#handOver();
    if (this.#bytesOut > 0) this.#marker.begin();
    this.#continuity.reset();
    this.#unread.fill(0);
    this.#tracker.discontinuity();
    this.#sdt.reset();
    this.#lastPcr = null;
    this.#nextTables = null;
    this.#nextService = null;
  }

  /** All that is not plain passing. True when the packet itself goes out as it is. */
  #handle(bytes: Buffer, at: number, pid: Pid, action: number): boolean {
    switch (action) {
      case CLOCK:
        this.#checkOrder(bytes, at, pid);
        if (!hasTransportError(bytes, at)) this.#clock(bytes, at);
        return true;
      case REPLACE:
        this.#replace(bytes, at, pid);
        return false;
      case TAP:
        this.#tap(bytes, at, pid);
        return true;
      case LOOK:
        this.#tap(bytes, at, pid);
        return false;
      case PAT:
        if (!hasTransportError(bytes, at)) this.#tracker.pushPat(bytes, at);
        if (this.#lastPcr === null) this.#writeUnclocked();
        return false;
      case PMT:
        if (!hasTransportError(bytes, at)) this.#tracker.pushPmt(pid, bytes, at);
        return false;
      case SDT:
        if (!hasTransportError(bytes, at)) this.#sdt.pushPacket(bytes, at);
        return false;
      default:
        return false;
    }
  }

  /** Counts what the continuity_counter tells; the step as in ContinuityTracker. */
  #checkOrder(bytes: Buffer, at: number, pid: Pid): number {
    if (hasTransportError(bytes, at)) {
      this.#faults.add('transport-error'); // the PID itself may be wrong: its counter says nothing
      return 0;
    }
    if (scramblingAt(bytes, at) !== 0) {
      this.#scrambled[pid] = (this.#scrambled[pid] as number) + 1;
      this.#faults.add('scrambled');
    }
    const order = this.#continuity.check(bytes, at, pid);
    if (order === CONTINUITY_DUPLICATE) this.#faults.add('duplicate');
    else if (order > 0) this.#faults.add('continuity');
    return order;
  }

  #tap(bytes: Buffer, at: number, pid: Pid): void {
    const order = this.#checkOrder(bytes, at, pid);
    if (hasTransportError(bytes, at)) return;
    if (pid === this.#pcrPid) this.#clock(bytes, at);
    const lost = this.#lostBefore(bytes, at, pid, order);
    if (lost !== null) for (const tap of this.#taps.get(pid) ?? []) tap.pushPacket(bytes, at, lost);
  }

  #replace(bytes: Buffer, at: number, pid: Pid): void {
    const replacer = this.#replacers.get(pid);
    const order = this.#checkOrder(bytes, at, pid);
    if (replacer === undefined || hasTransportError(bytes, at)) return;
    if (pid === this.#pcrPid) {
      const pcr = this.#clock(bytes, at);
      if (pcr !== null) {
        const discontinuity = hasDiscontinuityIndicator(bytes, at);
        writePcrPacket(this.#pcrPacket, 0, pid, 0, pcr, discontinuity); // its counter is set when it leaves
        this.#passed.append(this.#pcrPacket, 0, PACKET_SIZE);
      }
    }
    const lost = this.#lostBefore(bytes, at, pid, order);
    if (lost !== null) {
      replacer.pushPacket(bytes, at, lost);
      for (const tap of this.#taps.get(pid) ?? []) tap.pushPacket(bytes, at, lost);
    } else if (payloadOffset(bytes, at) === null) this.#faults.add('adaptation-field');
  }

  /** Packets that a reader of the PID lacks before this one; null when it cannot be read itself or came before. */
  #lostBefore(bytes: Buffer, at: number, pid: Pid, order: number): number | null {
    if (order === CONTINUITY_DUPLICATE) return null;
    const lost = (this.#unread[pid] as number) + order;
    const isReadable = scramblingAt(bytes, at) === 0 && payloadOffset(bytes, at) !== null;
    this.#unread[pid] = isReadable ? 0 : Math.min(lost + 1, 255);
    return isReadable ? lost : null;
  }

  /** Reads the packet's PCR, if any, and lets the tables follow when it is time. */
  #clock(bytes: Buffer, at: number): Pcr27m | null {
    const pcr = pcrAt(bytes, at);
    if (pcr === null) return null;
    const step = this.#lastPcr === null ? 0 : pcrDifference(this.#lastPcr, pcr);
    if ((step < 0 || step > MAX_PCR_STEP) && !hasDiscontinuityIndicator(bytes, at)) this.#faults.add('pcr-jump');
    this.#lastPcr = pcr;
    this.#passed.advance(pcr);
    if (isDue(this.#nextTables, pcr, TABLE_INTERVAL)) {
      this.#nextTables = wrapPcr(pcr + TABLE_INTERVAL);
      this.#tables.writeProgram();
    }
    if (isDue(this.#nextService, pcr, SERVICE_INTERVAL)) {
      this.#nextService = wrapPcr(pcr + SERVICE_INTERVAL);
      this.#tables.writeService();
    }
    return pcr;
  }

  #setPmtPids(pids: readonly Pid[]): void {
    for (let pid = 0; pid < this.#actions.length; pid++) if (this.#actions[pid] === PMT) this.#actions[pid] = DROP;
    for (const pid of pids) this.#actions[pid] = PMT;
    this.#pmtPids = pids;
  }

  #setProgram(pmt: ParsedPmt, transportStreamId: number): void {
    const pmtPid = this.#pmtPids[0];
    if (pmtPid === undefined) return;
    this.#pmt = pmt;
    this.#transportStreamId = transportStreamId;
    const plan = this.#options.plan?.(pmt) ?? passAll(pmt);
    this.#replacers.clear();
    this.#taps.clear();
    this.#actions.fill(DROP);
    this.#actions[PID_EIT] = PASS;
    this.#actions[PID_TDT] = PASS;
    const passed = new Set(plan.streams.filter(({ replacer }) => replacer === null).map(({ source }) => source.pid));
    for (const pid of passed) this.#actions[pid] = PASS;
    for (const { source, replacer } of plan.streams) {
      if (replacer === null) continue;
      if (passed.has(source.pid)) this.#addTap(source.pid, replacer);
      else {
        this.#actions[source.pid] = REPLACE;
        this.#replacers.set(source.pid, replacer);
      }
    }
    for (const [pid, tap] of plan.taps ?? []) this.#addTap(pid, tap);
    const streams = plan.streams.map((planned) => planned.stream);
    this.#pcrPid = pmt.pcrPid;
    const clockAction = this.#actions[pmt.pcrPid];
    if (pmt.pcrPid !== PID_NULL && clockAction !== REPLACE && clockAction !== TAP && clockAction !== LOOK)
      this.#actions[pmt.pcrPid] = CLOCK;
    this.#actions[PID_SDT] = SDT;
    this.#actions[PID_PAT] = PAT;
    this.#actions[pmtPid] = PMT;
    this.#actions[PID_NULL] = DROP;
    this.#setService(pmt.program);
    this.#tables.setProgram({ ...pmt, streams }, pmtPid, transportStreamId);
    this.#options.onProgram?.(pmt);
    this.#tables.writeProgram();
    this.#tables.writeService();
  }

  #addTap(pid: Pid, tap: PacketTap): void {
    this.#taps.set(pid, [...(this.#taps.get(pid) ?? []), tap]);
    if (this.#actions[pid] === PASS) this.#actions[pid] = TAP;
    else if (this.#actions[pid] === DROP) this.#actions[pid] = LOOK;
  }

  #setService(program: ProgramNumber): void {
    const service = this.#options.service;
    if (service === null) return;
    this.#tables.setService({
      transportStreamId: this.#transportStreamId,
      originalNetworkId: service.originalNetworkId,
      services: [{ service: program, descriptors: [serviceDescriptor(service.description)] }],
    });
  }

  /** The source's own SDT, cut down to our service. */
  #onSdt(section: Buffer): void {
    const sdt = this.#options.service === null ? parseSdt(section) : null;
    const service = sdt?.services.find((candidate) => candidate.service === this.#tracker.program);
    if (sdt === null || service === undefined) return;
    const key = JSON.stringify([sdt.originalNetworkId, service.descriptors.map((d) => [d.tag, [...d.payload]])]);
    if (key === this.#serviceKey) return;
    this.#serviceKey = key;
    this.#tables.setService({ ...sdt, services: [service] });
  }
}

function passAll(pmt: ParsedPmt): ProgramPlan {
  return { streams: pmt.streams.map((stream) => ({ source: stream, stream, replacer: null })) };
}

/** True when `pcr` has reached `next`, or has jumped so that waiting for it makes no sense. */
function isDue(next: Pcr27m | null, pcr: Pcr27m, interval: number): boolean {
  if (next === null) return true;
  const ahead = pcrDifference(pcr, next);
  return ahead <= 0 || ahead > interval;
}
