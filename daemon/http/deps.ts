import type { Router } from '@koa/router';
import type { Logger } from '#shared/observability/logger.ts';
import type { Registry } from '#shared/observability/metrics.ts';
import type { GuideStatus } from '../guide/guide-system.ts';
import type { GuideReader } from '../guide/store.ts';
import type { HdhomerunFace } from '../hdhomerun/face.ts';
import type { Channel } from '../lineup/channel.ts';
import type { LineupState } from '../lineup/service.ts';
import type { Catchup } from '../playlist/catchup.ts';
import type { FoundReceiver } from '../receiver/discovery.ts';
import type { Picon } from '../receiver/model.ts';
import type { ProfileBook } from '../streams/profiles.ts';
import type { GateOptions } from './access/gate.ts';
import type { LogoCache } from './logo-cache.ts';

/** What the HTTP side needs of the rest, declared here so that tests can pass plain objects. */

export interface LineupView {
  readonly state: LineupState;
  readonly channels: readonly Channel[];
  get(id: string): Channel | null;
  byNumber(number: number): Channel | null;
}

export interface GuideView extends Pick<GuideReader, 'programmes' | 'size' | 'revision'> {
  /** How far the first or current filling is; null before anything was asked. */
  readonly progress: { readonly done: number; readonly total: number } | null;
  /** Of the store: revisions of another one mean something else. */
  readonly tag?: string;
  /** Of its texts, ISO 639-1; null where it is not known. */
  readonly language?: string | null;
  readonly status?: GuideStatus;
  /** Has it read again, soon. */
  requestRefresh?(): void;
}

/**
 * - `connected`: streams can be converted
 * - `degraded`: the daemon serves, streams that need conversion do not (reason)
 * - `connecting`: not yet known
 * - `failed`: not to be had (reason)
 */
export type TranscoderState =
  | { readonly kind: 'connected' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'degraded' | 'failed'; readonly reason: string };

export interface TranscoderView {
  readonly state: TranscoderState;
}

export interface BoxHealth {
  readonly name: string;
  readonly breaker: 'closed' | 'half-open' | 'open';
  /** Why it cannot be reached; null while it can. */
  readonly lost: string | null;
}

export interface PiconSource {
  /** Scheme, host and port, for messages. */
  readonly address: string;
  picon(ref: string, options: { name: string; signal?: AbortSignal }): Promise<Picon | null>;
}

export interface AppDeps {
  /** Who may do what. */
  readonly access: GateOptions;
  readonly lineup: LineupView;
  readonly guide: GuideView;
  readonly transcoder: TranscoderView;
  /** Null while no receiver is configured. */
  readonly receiver: PiconSource | null;
  /** Logos that are kept; without it they are kept in memory. */
  readonly logos?: LogoCache;
  /** Looks for receivers on the local network; absent where that is not wanted. Answers within two seconds. */
  readonly discover?: () => Promise<readonly FoundReceiver[]>;
  /** Whether the web interfaces are asked, or left alone because they do not answer. */
  readonly boxes?: () => readonly BoxHealth[];
  readonly hdhomerun: HdhomerunFace;
  readonly registry: Registry;
  readonly logger: Logger;
  /** Without a trailing slash; null takes the request's own host. */
  readonly publicUrl: string | null;
  readonly version: string;
  /** Adds further routes: streams, HLS and other faces. */
  readonly mount?: ReadonlyArray<(router: Router) => void>;
  /** What playlists offer to catch up with; absent for nothing. */
  readonly catchup?: Pick<Catchup, 'attributes' | 'revision'>;
  /** What `?profile=` and its like may be; anything else is refused in `/playlist.m3u` too. */
  readonly profiles: Pick<ProfileBook, 'resolve' | 'names'>;
}
