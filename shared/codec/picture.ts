/** What a decoder can be told of a picture's place among the others. */
export type PictureType = 'I' | 'P' | 'B';

/** What a video stream says of its pictures. */
export interface VideoFormat {
  /** Luma samples as shown, cropping taken off. */
  readonly width: number;
  readonly height: number;
  /** Display aspect ratio in lowest terms, such as 16 and 9; null where the stream does not say. */
  readonly aspect: { readonly width: number; readonly height: number } | null;
  /** Of a frame, in ticks of 90 kHz; null where the stream does not say. */
  readonly frameTicks: number | null;
}

export function isSameFormat(one: VideoFormat, other: VideoFormat): boolean {
  return (
    one.width === other.width &&
    one.height === other.height &&
    one.aspect?.width === other.aspect?.width &&
    one.aspect?.height === other.aspect?.height &&
    one.frameTicks === other.frameTicks
  );
}

/** The display aspect of samples that are `sarWidth`:`sarHeight`; null for nonsense. */
export function displayAspect(
  width: number,
  height: number,
  sarWidth: number,
  sarHeight: number,
): { width: number; height: number } | null {
  const across = width * sarWidth;
  const down = height * sarHeight;
  if (!(across > 0 && down > 0)) return null;
  const divisor = greatestDivisor(across, down);
  return { width: across / divisor, height: down / divisor };
}

/** Of two whole numbers above 0. */
export function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other);
}

/** Sample aspect ratios by aspect_ratio_idc (ISO/IEC 14496-10, table E-1; the same in ISO/IEC 23008-2, table E.1). */
export const SAMPLE_ASPECTS: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
];
export const ASPECT_EXTENDED = 255;
