/**
 * Transport streams for tests, a line per field. Written from the standard and not with shared/mpegts, so that a
 * misreading there does not repeat itself here.
 *
 * Spec: ISO/IEC 13818-1:2019, 2.4.3.2 (packet), 2.4.3.4 (adaptation field), 2.4.3.6 (PES), 2.4.4 (PSI).
 */

export interface AdaptationFields {
  readonly discontinuity?: boolean;
  readonly randomAccess?: boolean;
  /** 27 MHz ticks, 0 … 2^33·300-1. */
  readonly pcr?: number;
}

export interface PacketFields {
  readonly pid: number;
  /** payload_unit_start_indicator. */
  readonly payloadStart?: boolean;
  readonly counter?: number;
  readonly transportError?: boolean;
  readonly priority?: boolean;
  /** transport_scrambling_control, 0 … 3. */
  readonly scrambling?: number;
  readonly adaptation?: AdaptationFields;
  /** At most what the packet has room for; shorter payloads are stuffed in the adaptation field. */
  readonly payload?: Uint8Array;
}

/** One packet of 188 bytes. Without payload it is adaptation field only. */
export function packet(fields: PacketFields): Buffer {
  const { adaptation, payload } = fields;
  const pcr = adaptation?.pcr;
  const needed = adaptation === undefined ? 0 : pcr === undefined ? 2 : 8;
  const room = 184 - needed;
  if (payload !== undefined && payload.length > room) throw new Error(`payload ${payload.length} > ${room}`);
  const fieldBytes = payload === undefined ? 184 : 184 - payload.length;

  const bytes = Buffer.alloc(188, 0xff);
  bytes[0] = 0x47; // sync_byte
  bytes[1] =
    (fields.transportError ? 0x80 : 0) | // transport_error_indicator
    (fields.payloadStart ? 0x40 : 0) | // payload_unit_start_indicator
    (fields.priority ? 0x20 : 0) | // transport_priority
    (fields.pid >> 8); // PID, high 5 bits
  bytes[2] = fields.pid & 0xff; // PID, low 8 bits
  bytes[3] =
    ((fields.scrambling ?? 0) << 6) | // transport_scrambling_control
    (fieldBytes > 0 ? 0x20 : 0) | // adaptation_field_control, field
    (payload === undefined ? 0 : 0x10) | // adaptation_field_control, payload
    ((fields.counter ?? 0) & 0x0f); // continuity_counter
  if (fieldBytes > 0) bytes[4] = fieldBytes - 1; // adaptation_field_length
  if (fieldBytes > 1) {
    bytes[5] =
      (adaptation?.discontinuity ? 0x80 : 0) | // discontinuity_indicator
      (adaptation?.randomAccess ? 0x40 : 0) | // random_access_indicator
      (pcr === undefined ? 0 : 0x10); // PCR_flag
  }
  if (pcr !== undefined) pcrBytes(pcr).copy(bytes, 6);
  if (payload !== undefined) bytes.set(payload, 188 - payload.length);
  return bytes;
}

/** program_clock_reference_base (33), reserved (6), program_clock_reference_extension (9). */
function pcrBytes(pcr: number): Buffer {
  const base = BigInt(Math.floor(pcr / 300));
  const extension = BigInt(pcr % 300);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(((base << 15n) | (0x3fn << 9n) | extension) << 16n);
  return bytes.subarray(0, 6);
}

/** The five bytes of a PTS or DTS. `prefix`: 2 PTS alone, 3 PTS before a DTS, 1 DTS. */
export function timestampBytes(prefix: number, ticks: number): Buffer {
  const value = BigInt(ticks);
  const bits =
    (BigInt(prefix) << 36n) | // '0010', '0011' or '0001'
    ((value >> 30n) << 33n) | // [32..30]
    (1n << 32n) | // marker_bit
    (((value >> 15n) & 0x7fffn) << 17n) | // [29..15]
    (1n << 16n) | // marker_bit
    ((value & 0x7fffn) << 1n) | // [14..0]
    1n; // marker_bit
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(bits << 24n);
  return bytes.subarray(0, 5);
}

export interface PesFields {
  readonly streamId: number;
  readonly pts?: number;
  readonly dts?: number;
  readonly data: Uint8Array;
  /** PES_packet_length when it is not the true one: 0 for an unbounded PES, as video has it. */
  readonly packetLength?: number;
  readonly aligned?: boolean;
  /** PES_scrambling_control. */
  readonly scrambling?: number;
  /** Stuffing at the end of the header. */
  readonly stuffing?: number;
}

/** A whole PES packet with the optional header. */
export function pesPacket(fields: PesFields): Buffer {
  const stamps = Buffer.concat([
    ...(fields.pts === undefined ? [] : [timestampBytes(fields.dts === undefined ? 2 : 3, fields.pts)]),
    ...(fields.dts === undefined ? [] : [timestampBytes(1, fields.dts)]),
    Buffer.alloc(fields.stuffing ?? 0, 0xff),
  ]);
  const length = fields.packetLength ?? 3 + stamps.length + fields.data.length;
  const head = Buffer.from([
    0x00, // packet_start_code_prefix
    0x00,
    0x01,
    fields.streamId, // stream_id
    length >> 8, // PES_packet_length
    length & 0xff,
    0x80 | ((fields.scrambling ?? 0) << 4) | (fields.aligned ? 0x04 : 0), // '10', scrambling, priority, alignment, copyright, original
    (fields.pts === undefined ? 0 : 0x80) | (fields.dts === undefined ? 0 : 0x40), // PTS_DTS_flags, other flags 0
    stamps.length, // PES_header_data_length
  ]);
  return Buffer.concat([head, stamps, fields.data]);
}

/** CRC of Annex A, bit by bit as the standard draws it. */
export function referenceCrc32(bytes: Uint8Array): number {
  let register = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const feedback = ((register >>> 31) ^ (byte >> bit)) & 1;
      register = (register << 1) >>> 0;
      if (feedback === 1) register = (register ^ 0x04c11db7) >>> 0;
    }
  }
  return register;
}

export interface SectionFields {
  readonly tableId: number;
  readonly extension?: number;
  readonly version?: number;
  /** current_next_indicator. */
  readonly current?: boolean;
  readonly number?: number;
  readonly lastNumber?: number;
  readonly body: Uint8Array;
  /** Spoils the CRC. */
  readonly badCrc?: boolean;
}

/** A whole long section. */
export function section(fields: SectionFields): Buffer {
  const length = 5 + fields.body.length + 4;
  const head = Buffer.from([
    fields.tableId, // table_id
    0xb0 | (length >> 8), // section_syntax_indicator 1, '0', reserved, section_length high
    length & 0xff, // section_length low
    (fields.extension ?? 1) >> 8, // table_id_extension
    (fields.extension ?? 1) & 0xff,
    0xc0 | ((fields.version ?? 0) << 1) | (fields.current === false ? 0 : 1), // reserved, version_number, current_next
    fields.number ?? 0, // section_number
    fields.lastNumber ?? 0, // last_section_number
  ]);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(referenceCrc32(Buffer.concat([head, fields.body])));
  if (fields.badCrc) crc[3] = (crc[3] ?? 0) ^ 1;
  return Buffer.concat([head, fields.body, crc]);
}

export interface PatFields extends Partial<Omit<SectionFields, 'body'>> {
  /** [program_number, PID]; number 0 names the network PID. */
  readonly programs: readonly (readonly [program: number, pid: number])[];
}

export function patSection(fields: PatFields): Buffer {
  const { programs, ...head } = fields;
  const body = programs.flatMap(([program, pid]) => [
    program >> 8, // program_number
    program & 0xff,
    0xe0 | (pid >> 8), // reserved, program_map_PID
    pid & 0xff,
  ]);
  return section({ tableId: 0x00, ...head, body: Buffer.from(body) });
}

export interface PmtStreamFields {
  readonly type: number;
  readonly pid: number;
  /** The whole loop: tags, lengths, contents. */
  readonly descriptors?: Uint8Array;
}

export interface PmtFields extends Partial<Omit<SectionFields, 'body'>> {
  readonly program: number;
  readonly pcrPid: number;
  readonly descriptors?: Uint8Array;
  readonly streams: readonly PmtStreamFields[];
}

export function pmtSection(fields: PmtFields): Buffer {
  const { program, pcrPid, descriptors: info = Buffer.alloc(0), streams, ...head } = fields;
  const parts: Uint8Array[] = [
    Buffer.from([
      0xe0 | (pcrPid >> 8), // reserved, PCR_PID
      pcrPid & 0xff,
      0xf0 | (info.length >> 8), // reserved, program_info_length
      info.length & 0xff,
    ]),
    info,
  ];
  for (const stream of streams) {
    const loop = stream.descriptors ?? Buffer.alloc(0);
    parts.push(
      Buffer.from([
        stream.type, // stream_type
        0xe0 | (stream.pid >> 8), // reserved, elementary_PID
        stream.pid & 0xff,
        0xf0 | (loop.length >> 8), // reserved, ES_info_length
        loop.length & 0xff,
      ]),
      loop,
    );
  }
  return section({ tableId: 0x02, extension: program, ...head, body: Buffer.concat(parts) });
}

/** descriptor_tag, descriptor_length, contents. */
export function descriptor(tag: number, ...contents: (number | string)[]): Buffer {
  const bytes = Buffer.concat(
    contents.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part, 'latin1'))),
  );
  return Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
}

/**
 * `sections` behind a pointer_field of `pointer`, cut into payloads of 184 bytes, the last one filled up with 0xff. Only
 * the first payload has the pointer_field and belongs in a packet with payload_unit_start_indicator.
 */
export function sectionPayloads(sections: Uint8Array, pointer = 0): Buffer[] {
  const all = Buffer.concat([Buffer.from([pointer]), sections]);
  const payloads: Buffer[] = [];
  for (let at = 0; at < all.length; at += 184) {
    const payload = Buffer.alloc(184, 0xff); // stuffing
    all.copy(payload, 0, at, Math.min(all.length, at + 184));
    payloads.push(payload);
  }
  return payloads;
}

/** The same in packets of `pid`, with counters from `counter` on. */
export function sectionPackets(pid: number, sections: Uint8Array, counter = 0, pointer = 0): Buffer[] {
  return sectionPayloads(sections, pointer).map((payload, index) =>
    packet({ pid, payloadStart: index === 0, counter: counter + index, payload }),
  );
}

export function nullPacket(): Buffer {
  return packet({ pid: 0x1fff, payload: Buffer.alloc(184, 0) });
}

/** A stream in the making: keeps the counters of all PIDs. What the methods return is part of it and may be spoilt. */
export class TsWriter {
  readonly #packets: Buffer[] = [];
  readonly #counters = new Map<number, number>();

  get packets(): readonly Buffer[] {
    return this.#packets;
  }

  /** Any packet; the counter is filled in unless given. Without payload it repeats the last one (2.4.3.3). */
  packet(fields: PacketFields): Buffer {
    const counter =
      fields.counter ?? (fields.payload === undefined ? this.#counters.get(fields.pid) : this.#next(fields.pid)) ?? 0;
    return this.raw(packet({ ...fields, counter }));
  }

  /** Bytes that need not be a packet. */
  raw(bytes: Buffer): Buffer {
    this.#packets.push(bytes);
    return bytes;
  }

  section(pid: number, bytes: Uint8Array): Buffer[] {
    return sectionPayloads(bytes).map((payload, index) => this.packet({ pid, payloadStart: index === 0, payload }));
  }

  /** A PES over as many packets as it takes; `adaptation` goes into the first. */
  pes(pid: number, fields: PesFields, adaptation?: AdaptationFields): Buffer[] {
    const bytes = pesPacket(fields);
    const written: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const field = at === 0 ? adaptation : undefined;
      const room = field === undefined ? 184 : field.pcr === undefined ? 182 : 176;
      const payload = bytes.subarray(at, at + room);
      const head = field === undefined ? {} : { adaptation: field };
      written.push(this.packet({ pid, payloadStart: at === 0, payload, ...head }));
      at += payload.length;
    }
    return written;
  }

  /** Leaves out `count` counters of a PID, as if packets had been lost. */
  lose(pid: number, count = 1): void {
    for (let index = 0; index < count; index++) this.#next(pid);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#packets);
  }

  #next(pid: number): number {
    const counter = ((this.#counters.get(pid) ?? -1) + 1) & 0x0f;
    this.#counters.set(pid, counter);
    return counter;
  }
}
