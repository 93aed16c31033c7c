import type { Logger } from '#shared/observability/logger.ts';
import type { AccessPolicy } from '../../../config/access-policy.ts';
import type { GuideReader } from '../../../guide/store.ts';
import type { Channel, Lineup } from '../../../lineup/channel.ts';
import type { Picon, Reception } from '../../../receiver/model.ts';
import type { Recordings } from '../../../recordings/recordings.ts';
import type { ProfileBook } from '../../../streams/profiles.ts';
import type { StreamManager } from '../../../streams/stream-manager.ts';
import type { LeaseViewer } from '../../../tuners/state.ts';
import type { TvhLineup } from '../../ids.ts';
import type { TicketOffice } from '../../tickets.ts';
import type { LiveProgrammes } from '../live/live-programme.ts';
import type { SourceInfo } from '../live/start-message.ts';
import type { GuideJournal } from '../metadata/guide-journal.ts';
import type { Tapes } from '../timeshift/tapes.ts';
import type { HtspMetrics } from './htsp-metrics.ts';

/** What HTSP needs of the rest of the daemon, declared here so that tests can pass plain objects. */
export interface HtspServices {
  readonly lineup: {
    readonly channels: readonly Channel[];
    get(id: string): Channel | null;
    byNumber(number: number): Channel | null;
    /** Also at once when there is a lineup. */
    onChange(listener: (lineup: Lineup) => void): () => void;
  };
  readonly guide: GuideReader;
  readonly streams: Pick<StreamManager, 'join'>;
  /** Somebody who watches has become more or less important. */
  readonly reseat: (channelId: string, viewer: LeaseViewer) => void;
  readonly profiles: Pick<ProfileBook, 'names' | 'resolve'>;
  readonly access: AccessPolicy;
  /** Null where nobody records. */
  readonly recordings: Recordings | null;
  readonly sourceInfo: (channel: Channel) => SourceInfo;
  /** Of the tuner that a channel has now; null where the receiver does not say. */
  readonly signal: (channel: Channel, options: { signal: AbortSignal }) => Promise<Reception | null>;
  readonly logo: (channel: Channel) => Promise<Picon | null>;
  /** Where the web server is for a client that reached us at this address, without a trailing slash. */
  readonly webUrl: (localAddress: string) => string;
  readonly tickets: Pick<TicketOffice, 'issue'>;
  readonly settings: { readonly profile: string; readonly timeshiftMinutes: number };
  readonly numbers: TvhLineup;
  readonly journal: GuideJournal;
  readonly programmes: LiveProgrammes;
  readonly tapes: Tapes;
  readonly dataFolder: string;
  readonly version: string;
  readonly metrics: HtspMetrics;
  readonly logger: Logger;
}
