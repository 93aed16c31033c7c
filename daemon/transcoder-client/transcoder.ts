import type { TranscoderSockets } from '#shared/ipc/address.ts';
import type { CardMade, CardMake } from '#shared/ipc/card.ts';
import type { SessionOpen, TranscoderStats } from '#shared/ipc/control.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { ControlClient, type ControlState } from './control-client.ts';
import { StreamLink, type StreamLinkListener } from './stream-link.ts';

export interface TranscoderOptions {
  readonly sockets: TranscoderSockets;
  readonly build: string;
  readonly logger: Logger;
}

/** A viewer waits for it: ten times what it takes. */
const CARD_MS = 1_500;

/** The transcoder as the rest of the daemon sees it: is it there, open a stream through it, what does it say of itself. */
export class Transcoder {
  readonly #options: TranscoderOptions;
  readonly #control: ControlClient;
  readonly #stateListeners = new Set<(state: ControlState) => void>();

  constructor(options: TranscoderOptions) {
    this.#options = options;
    this.#control = new ControlClient({
      path: options.sockets.control,
      build: options.build,
      onState: (state) => this.#onState(state),
    });
  }

  get state(): ControlState {
    return this.#control.state;
  }

  get reconnects(): number {
    return this.#control.reconnects;
  }

  start(): void {
    this.#control.start();
  }

  /** Calls back on every change of state until the returned function is called. */
  onState(listener: (state: ControlState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Opens a session and its stream. @throws XgError as `ControlClient.request`. */
  async openStream(request: SessionOpen, listener: StreamLinkListener): Promise<StreamLink> {
    const { token } = await this.#control.request('session.open', request);
    return new StreamLink(this.#options.sockets.stream, token, listener);
  }

  stats(options: { timeoutMs?: number } = {}): Promise<TranscoderStats> {
    return this.#control.request('stats', {}, options);
  }

  /** @throws XgError as `ControlClient.request`; `CARD_BUSY`. */
  makeCard(wish: CardMake): Promise<CardMade> {
    return this.#control.request('card.make', wish, { timeoutMs: CARD_MS });
  }

  close(): void {
    this.#control.close();
  }

  #lastName: ControlState['name'] = 'connecting';

  #onState(state: ControlState): void {
    if (state.name !== this.#lastName) {
      if (state.name === 'ready')
        this.#options.logger.info({ build: state.build, pid: state.pid }, 'transcoder connected');
      if (state.name === 'connecting') {
        this.#options.logger.warn({ reason: state.reason }, 'transcoder lost; AAC streams resume when it is back');
      }
    }
    this.#lastName = state.name;
    for (const listener of this.#stateListeners) listener(state);
  }
}
