import type { PictureType } from '#shared/codec/picture.ts';

export interface DropCandidate {
  readonly picture: PictureType | null;
  readonly isEntry: boolean;
}

/**
 * What is left out when a client is too slow: beyond the depth B pictures, beyond twice that P pictures and with the first
 * of them everything up to the next picture that stands alone, beyond three times that all. Sound counts as I.
 */
export class DropPolicy {
  readonly #depth: number;
  #state: 'whole' | 'until-entry' = 'whole';
  readonly #drops = { B: 0, P: 0, I: 0 };

  constructor(depthBytes: number) {
    this.#depth = depthBytes;
  }

  get drops(): Readonly<Record<PictureType, number>> {
    return this.#drops;
  }

  admits({ picture, isEntry }: DropCandidate, queuedBytes: number): boolean {
    const depth = this.#depth;
    if (queuedBytes > 3 * depth) return this.#drop(picture ?? 'I', picture !== null);
    if (picture === null) return true;
    if (isEntry) {
      this.#state = 'whole';
      return true;
    }
    if (this.#state === 'until-entry') return this.#drop(picture, true);
    if (picture === 'B' && queuedBytes > depth) return this.#drop('B', false);
    if (picture === 'P' && queuedBytes > 2 * depth) return this.#drop('P', true);
    return true;
  }

  #drop(picture: PictureType, breaksOthers: boolean): false {
    this.#drops[picture]++;
    if (breaksOthers) this.#state = 'until-entry';
    return false;
  }
}
