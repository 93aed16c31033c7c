/** One programme of one channel. */
export interface Programme {
  /**
   * Of this guide: a positive 31-bit number, unique over all channels, the same for as long as the programme keeps its
   * channel and its start (or its event id). The store gives it; 0 before that.
   */
  readonly id: number;
  /** The receiver's event id: unique per channel for as long as the event is in its guide. */
  readonly eventId: number;
  readonly channelId: string;
  readonly title: string;
  /** Empty when there is none. */
  readonly shortDescription: string;
  readonly longDescription: string;
  /** Unix time, seconds. */
  readonly startSeconds: number;
  /** Always after the start. */
  readonly stopSeconds: number;
  /** content_nibble_level_1 × 16 + level_2; 0 when unknown. Spec: ETSI EN 300 468, 6.2.9. */
  readonly genreId: number;
  readonly details: ProgrammeDetails;
}

/** What the texts say beyond the texts themselves, and what other sources added. */
export interface ProgrammeDetails {
  /** The episode's own title; empty when there is none. */
  readonly subtitle: string;
  /** Counted from 1; null where nothing says so. */
  readonly season: number | null;
  readonly episode: number | null;
  readonly episodeCount: number | null;
  /** Of production. */
  readonly year: number | null;
  /** ISO 3166-1 alpha-2 codes, upper case. */
  readonly countries: readonly string[];
  readonly credits: readonly Credit[];
  /** Years, such as 16; null where nothing says so. */
  readonly ageRating: number | null;
  /** 0 to 1; null where nothing says so. */
  readonly starRating: number | null;
  /** English words that clients know, the most general first; those of `genreId` are not repeated here. */
  readonly categories: readonly string[];
  readonly repeat: boolean;
  readonly isNew: boolean;
  readonly live: boolean;
  /** Of the programme, absolute; null where there is none. */
  readonly imageUrl: string | null;
}

export interface Credit {
  readonly role: 'director' | 'actor' | 'writer' | 'producer' | 'composer' | 'presenter' | 'guest';
  readonly name: string;
  /** The part an actor plays; null where nothing says so. */
  readonly character: string | null;
}

export const NO_DETAILS: ProgrammeDetails = {
  subtitle: '',
  season: null,
  episode: null,
  episodeCount: null,
  year: null,
  countries: [],
  credits: [],
  ageRating: null,
  starRating: null,
  categories: [],
  repeat: false,
  isNew: false,
  live: false,
  imageUrl: null,
};
