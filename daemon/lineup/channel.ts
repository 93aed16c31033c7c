/** One channel of the lineup, the same for every face. */
export interface Channel {
  /** Stable: `<namespace>-<onid>-<tsid>-<sid>` in lower-case hex, or `iptv-<hash>`. Part of every URL. */
  readonly id: string;
  /** As the box wants it: ten fields with a trailing colon; for IPTV with the escaped URL. */
  readonly ref: string;
  readonly name: string;
  /** 1 and up, unique, counted as the box's remote control counts. */
  readonly number: number;
  /** The first group it was found in. */
  readonly group: string;
  /** Every group it is in, in the lineup's order; the first one is `group`. */
  readonly groups: readonly string[];
  readonly radio: boolean;
  readonly kind: 'dvb' | 'iptv';
  /** Channels with the same key share one tuner; null for IPTV. */
  readonly transponder: string | null;
  /** Of the service's DVB type: `sd`, `hd`, `uhd`, or null where the type does not say. */
  readonly definition: 'sd' | 'hd' | 'uhd' | null;
  readonly provider: string | null;
  /** Further services that the box offers for the same channel (members of an alternatives group), best first. */
  readonly alternatives: readonly string[];
  /** The heading (marker) above it in its first bouquet; absent or null without one. */
  readonly heading?: string | null;
  /** A logo that was set for it: an http(s) URL or a file; absent takes the receiver's. */
  readonly logo?: string;
}

export interface LineupBouquet {
  readonly ref: string;
  readonly name: string;
  readonly radio: boolean;
}

/** A whole lineup, replaced as one on every refresh. */
export interface Lineup {
  readonly channels: readonly Channel[];
  readonly bouquets: readonly LineupBouquet[];
  /** What was left out and why: a broken bouquet, a reference that cannot be parsed. */
  readonly warnings: readonly string[];
}
