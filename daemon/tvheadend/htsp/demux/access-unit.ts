import type { PictureType } from '#shared/codec/picture.ts';

/** What a decoder takes at once: a picture, an audio frame, a subtitle's or teletext's PES. */
export interface AccessUnit {
  /** Of its track. */
  readonly track: number;
  /** Null for what is no picture. */
  readonly picture: PictureType | null;
  /** A decoder can begin here. Of sound and text every unit is such a one. */
  readonly isEntry: boolean;
  /** Ticks of 90 kHz on a line without wraps and jumps; null where the stream gives none. */
  readonly pts: number | null;
  readonly dts: number;
  /** 90 kHz ticks; 0 where it has none. */
  readonly ticks: number;
  /** Never written again: shared by all who get it. */
  readonly bytes: Buffer;
}
