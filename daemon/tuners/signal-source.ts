import type { Reception } from '../receiver/model.ts';
import type { Arbiter } from './arbiter.ts';
import type { TunerDesk } from './tuner-desk.ts';

export interface SignalReceiver {
  reception(options: { signal?: AbortSignal | undefined }): Promise<Reception>;
}

export interface SignalSourceOptions {
  readonly receivers: ReadonlyMap<string, SignalReceiver>;
  readonly arbiter: Pick<Arbiter, 'state'>;
  readonly desk: Pick<TunerDesk, 'boxOf'>;
}

/** An answer serves everybody for so long. */
const FRESH_MS = 2_500;

/**
 * How well a channel is received. Receivers tell that of their television's frontend alone, so there is an answer only
 * while the television is on the transponder of the channel. Asked only while somebody wants to know.
 */
export class SignalSource {
  readonly #options: SignalSourceOptions;
  readonly #last = new Map<string, { readonly atMs: number; readonly answer: Promise<Reception> }>();

  constructor(options: SignalSourceOptions) {
    this.#options = options;
  }

  /** Null where the receiver cannot say. @throws the receiver's error. */
  async of(channel: { readonly id: string; readonly transponder: string | null }): Promise<Reception | null> {
    const { arbiter, desk, receivers } = this.#options;
    const box = desk.boxOf(channel.id);
    const receiver = box === null ? undefined : receivers.get(box);
    const picture = arbiter.state.boxes.find((one) => one.id === box)?.picture ?? null;
    if (box === null || receiver === undefined || picture === null || channel.transponder === null) return null;
    if (picture.television?.transponder !== channel.transponder) return null;
    const last = this.#last.get(box);
    if (last !== undefined && performance.now() - last.atMs < FRESH_MS) return last.answer;
    const answer = receiver.reception({});
    this.#last.set(box, { atMs: performance.now(), answer });
    return answer;
  }
}
