/** The receiver's answers after parsing: plain values, no quirks. */

export interface Tuner {
  readonly name: string;
  readonly type: string;
  /** What it does now ("28.2° E / BBC One"), empty when idle. */
  readonly live: string;
  readonly recording: string;
  readonly stream: string;
}

export interface About {
  readonly brand: string | null;
  readonly model: string | null;
  readonly boxType: string | null;
  readonly imageDistro: string | null;
  readonly imageVersion: string | null;
  readonly enigmaVersion: string | null;
  readonly webifVersion: string | null;
  readonly tuners: readonly Tuner[];
  /** Readers of its stream server, wherever they are. Old images tell none. */
  readonly streams: readonly BoxStream[];
  /** Hardware addresses, as `00:11:22:33:44:55`. */
  readonly macs: readonly string[];
}

export interface BoxStream {
  readonly ref: string;
  readonly name: string;
  readonly ip: string;
}

/** One entry of the box's timer list. Times are Unix seconds. */
export interface BoxTimer {
  readonly ref: string;
  readonly serviceName: string;
  readonly name: string;
  readonly beginSeconds: number;
  readonly endSeconds: number;
  /** When the box takes a tuner for it. */
  readonly prepareSeconds: number;
  readonly disabled: boolean;
  /** Only changes the channel of the television. */
  readonly zapOnly: boolean;
  /** Null where the image does not tell it. */
  readonly state: 'waiting' | 'prepared' | 'running' | 'ended' | null;
  readonly description: string;
  /** The event it was made from; null for one set by hand. */
  readonly eventId: number | null;
  /** Days of the week: bit 0 is Monday; 0 for once. */
  readonly repeatedDays: number;
  /** What the box does afterwards: 0 nothing, 1 standby, 2 deep standby, 3 as it thinks fit. */
  readonly afterEvent: number;
  /** Where it records to; empty for the box's own choice. */
  readonly folder: string;
  readonly tags: string;
  /** Records, and changes the channel of the television as well. */
  readonly alwaysZap: boolean;
  /** The file being recorded, with or without its ending; empty before that. */
  readonly fileName: string;
}

/** What a box answers to a command about timers or recordings. */
export interface CommandResult {
  readonly ok: boolean;
  /** In the box's own language. */
  readonly message: string;
  /** Timers in the way. Empty where there are none, or where the image does not name them. */
  readonly conflicts: readonly ConflictingTimer[];
}

export interface ConflictingTimer {
  readonly name: string;
  readonly serviceName: string;
  /** Unix seconds; 0 where the box does not say. */
  readonly beginSeconds: number;
  readonly endSeconds: number;
}

/** One folder of recordings. */
export interface MovieFolder {
  readonly movies: readonly BoxMovie[];
  /** Names of the folders in it. */
  readonly folders: readonly string[];
}

/** A recording on the box's disk. */
export interface BoxMovie {
  /** `1:0:0:0:0:0:0:0:0:0:/media/hdd/movie/….ts`: what deletes it. */
  readonly ref: string;
  /** Absolute, on the box. */
  readonly path: string;
  readonly title: string;
  readonly description: string;
  readonly longDescription: string;
  readonly serviceName: string;
  /** Unix seconds; 0 where the box does not say. */
  readonly startSeconds: number;
  /** 0 where the box does not say. */
  readonly durationSeconds: number;
  readonly sizeBytes: number;
}

export interface StatusInfo {
  readonly standby: boolean;
  readonly recording: boolean;
  readonly streaming: boolean;
  /** Null when the box shows nothing (standby). */
  readonly currentService: { readonly ref: string; readonly name: string } | null;
}

/** What the frontend of the television's service measures; nothing else of the box tells such things. */
export interface Reception {
  /** Percent. Null: nothing is received, as in standby. */
  readonly snr: number | null;
  readonly snrDb: number | null;
  /** Strength, percent. */
  readonly agc: number | null;
  /** Null where the image does not tell it. */
  readonly bitErrors: number | null;
  readonly lock: boolean | null;
}

export interface Bouquet {
  readonly ref: string;
  readonly name: string;
}

/** One row of a bouquet: a service, a marker, a sub-bouquet or a group. */
export interface ServiceEntry {
  readonly ref: string;
  readonly name: string;
  readonly provider: string | null;
}

export interface EpgEvent {
  readonly id: number;
  /** The service as the box names it in the event. */
  readonly ref: string;
  readonly title: string;
  readonly shortDescription: string;
  readonly longDescription: string;
  /** Unix time, seconds. */
  readonly startSeconds: number;
  readonly durationSeconds: number;
  /** content_nibble_level_1 × 16 + level_2 (ETSI EN 300 468, 6.2.9); 0 when unknown. */
  readonly genreId: number;
}

export interface Picon {
  readonly contentType: string;
  readonly bytes: Buffer;
}

/**
 * Where the bytes of a service really are.
 * - `e2-stream`: Enigma2's stream server (8001, 8002): raw socket, text errors in the body
 * - `relay`: the box's stream relay (17999): no credentials, no arguments
 * - `http`: any other URL, fetched as it is; HLS where that is what it answers
 * - `datagram`: UDP or RTP packets to an address, mostly a multicast group; `path` is empty
 */
export interface StreamTarget {
  readonly kind: 'e2-stream' | 'relay' | 'http' | 'datagram';
  readonly scheme: 'http' | 'https' | 'udp' | 'rtp';
  readonly host: string;
  readonly port: number;
  /** With its leading slash and its query. */
  readonly path: string;
  readonly user?: string;
  readonly pass?: string;
  /** The programme number (SID) that the box hints at, or null. */
  readonly programHint: number | null;
}
