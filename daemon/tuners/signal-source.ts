import type { Reception } from '../receiver/model.ts';
import type { Arbiter } from './arbiter.ts';
import type { ReceptionWatch } from './reception-watch.ts';
import type { TunerDesk } from './tuner-desk.ts';

export interface SignalSourceOptions {
  readonly reception: Pick<ReceptionWatch, 'of'>;
  readonly arbiter: Pick<Arbiter, 'state'>;
  readonly desk: Pick<TunerDesk, 'boxOf'>;
}

/**
 * How well a channel is received. Receivers tell that of their television's frontend alone, so there is an answer only
 * while the television is on the transponder of the channel.
 */
export class SignalSource {
  readonly #options: SignalSourceOptions;

  constructor(options: SignalSourceOptions) {
    this.#options = options;
  }

  /** Null where the receiver cannot say. Never rejects. */
  async of(channel: { readonly id: string; readonly transponder: string | null }): Promise<Reception | null> {
    const { arbiter, desk, reception } = this.#options;
    const box = desk.boxOf(channel.id);
    const picture = arbiter.state.boxes.find((one) => one.id === box)?.picture ?? null;
    if (box === null || picture === null || channel.transponder === null) return null;
    return picture.television?.transponder === channel.transponder ? reception.of(box) : null;
  }
}
