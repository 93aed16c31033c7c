import { ADTS_HEADER, adtsChannelConfiguration, adtsRateIndex, writeAdtsHeader } from '#shared/codec/adts.ts';
import { XgError } from '#shared/errors.ts';
import type { CardMade, CardMake } from '#shared/ipc/card.ts';
import { AAC_FRAME, bestAacEncoder, FfmpegAacEncoder } from '../ffmpeg/aac-encoder.ts';
import { encodeSilence } from '../ffmpeg/silence.ts';
import { encodeStill } from '../ffmpeg/still-encoder.ts';
import { paintCard } from './card-painter.ts';

/** More at once are refused: each takes a tenth of a second of a core, which running streams want too. */
const MAX_WAITING = 8;
/** A GOP: so often a player can join, and new words show. */
const GOP_SECONDS = 0.5;
const SAMPLE_RATE = 48_000;
const AAC_BITRATE = 32_000;
/** By then the encoder has forgotten its beginning. */
const AAC_FRAMES = 6;

interface Silence {
  readonly frame: Buffer;
  readonly samples: number;
}

/** Makes cards, one after the other. */
export class CardMaker {
  readonly #silences = new Map<CardMake['audio'], Silence>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** @throws XgError `CARD_BUSY`, `FFMPEG_NO_ENCODER`, `FFMPEG`. */
  async make(wish: CardMake): Promise<CardMade> {
    if (this.#waiting >= MAX_WAITING) throw new XgError('CARD_BUSY', `${MAX_WAITING} cards are being made already`);
    this.#waiting++;
    const made = this.#last.then(() => this.#make(wish));
    this.#last = made.catch(() => undefined); // its own caller hears of it
    try {
      return await made;
    } finally {
      this.#waiting--;
    }
  }

  async #make({ lines, codec, width, height, frameRate, sampleAspect, audio }: CardMake): Promise<CardMade> {
    const startedAt = performance.now();
    const pixelAspect = sampleAspect.num / sampleAspect.den;
    const pictures = await encodeStill(
      {
        codec,
        width,
        height,
        frameRate,
        sampleAspect,
        pictures: Math.round((GOP_SECONDS * frameRate.num) / frameRate.den),
      },
      (memory) => paintCard(memory, { lines, width, height, pixelAspect }),
    );
    const { frame, samples } = this.#silence(audio);
    return { pictures, silence: frame, silenceSamples: samples, milliseconds: performance.now() - startedAt };
  }

  #silence(codec: CardMake['audio']): Silence {
    let silence = this.#silences.get(codec);
    if (silence === undefined) {
      silence = codec === 'aac' ? aacSilence() : encodeSilence(codec);
      this.#silences.set(codec, silence);
    }
    return silence;
  }
}

function aacSilence(): Silence {
  const encoder = new FfmpegAacEncoder({
    name: bestAacEncoder(),
    sampleRate: SAMPLE_RATE,
    channels: 2,
    bitrate: AAC_BITRATE,
  });
  try {
    const plane = new Float32Array(AAC_FRAME);
    let latest: Buffer | null = null;
    for (let index = 0; index < AAC_FRAMES; index++) {
      encoder.encode([plane, plane], 0, (unit) => {
        latest = asAdts(unit);
      });
    }
    if (latest === null) throw new XgError('FFMPEG', `the AAC encoder made nothing of ${AAC_FRAMES} frames of silence`);
    return { frame: latest, samples: AAC_FRAME };
  } finally {
    encoder.close();
  }
}

function asAdts(unit: Buffer): Buffer {
  const frame = Buffer.alloc(ADTS_HEADER + unit.length);
  writeAdtsHeader(frame, 0, adtsRateIndex(SAMPLE_RATE) ?? 0, adtsChannelConfiguration(2) ?? 0, unit.length);
  frame.set(unit, ADTS_HEADER);
  return frame;
}
