/** `card.make` of the control socket: a still picture of words, encoded, and silence to go with it. */
import { z } from 'zod';

export const CARD_VIDEO_CODECS = ['h264', 'mpeg2'] as const;
export const CARD_AUDIO_CODECS = ['aac', 'mp2', 'ac3', 'eac3'] as const;

const evenNumber = (min: number, max: number) => z.number().int().min(min).max(max).multipleOf(2);
const ratio = (max: number) =>
  z.strictObject({ num: z.number().int().min(1).max(max), den: z.number().int().min(1).max(max) });

export const cardMakeSchema = z.strictObject({
  /** The first one is the heading; an empty one is a gap. They are wrapped, and cut where there is no more room. */
  lines: z.array(z.string().max(300)).min(1).max(24),
  codec: z.enum(CARD_VIDEO_CODECS),
  /** In pixels. */
  width: evenNumber(320, 1920),
  height: evenNumber(240, 1088),
  /** Pictures per second: 10 to 60. */
  frameRate: ratio(120_000).refine(({ num, den }) => num / den >= 10 && num / den <= 60),
  /** Width to height of a pixel. */
  sampleAspect: ratio(1_000),
  audio: z.enum(CARD_AUDIO_CODECS),
});
export type CardMake = z.infer<typeof cardMakeSchema>;

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
/** Far above what a picture of words takes. */
const MAX_UNIT_BYTES = 512 * 1024;

export const cardMakeResultSchema = z.object({
  /** The access units of one closed GOP, the first one a random access point, all in the order they are shown. */
  pictures: z
    .array(bytes.refine(({ length }) => length > 0 && length <= MAX_UNIT_BYTES))
    .min(1)
    .max(64),
  /** One frame of silence at 48 kHz that stands by itself; AAC as ADTS. */
  silence: bytes.refine(({ length }) => length > 0 && length <= 8_192),
  /** How much of it one frame is. */
  silenceSamples: z.number().int().min(1).max(8_192),
  /** What painting and encoding took. */
  milliseconds: z.number(),
});
export type CardMade = z.infer<typeof cardMakeResultSchema>;
