/** One programme of one channel. */
export interface Programme {
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
}
