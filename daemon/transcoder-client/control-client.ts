import { Client } from 'net-ipc';
import { errorMessage, XgError } from '#shared/errors.ts';
import {
  CONTROL_PROTOCOL_VERSION,
  type ControlMethod,
  type ControlParams,
  type ControlResult,
  controlResponseSchema,
  controlResultSchemas,
  readMessage,
} from '#shared/ipc/control.ts';

const REQUEST_MS = 5_000;
const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;

export type ControlState =
  | { readonly name: 'connecting'; readonly reason: string | null }
  | { readonly name: 'ready'; readonly build: string; readonly pid: number }
  | { readonly name: 'closed' };

export interface ControlClientOptions {
  readonly path: string;
  readonly build: string;
  readonly onState?: (state: ControlState) => void;
}

/**
 * The daemon's end of the control socket. Connects, says hello, and connects again for as long as it is open: at first
 * after 50 ms, then ever slower up to 1 s. Requests fail at once while there is no connection.
 */
export class ControlClient {
  readonly #options: ControlClientOptions;
  #state: ControlState = { name: 'connecting', reason: null };
  #client: Client | null = null;
  #retryMs = FIRST_RETRY_MS;
  #retryTimer: NodeJS.Timeout | null = null;
  /** net-ipc keeps pending requests for all connections in one place and tells none of a lost connection; we do. */
  readonly #pending = new Set<(error: XgError) => void>();
  #reconnects = 0;

  constructor(options: ControlClientOptions) {
    this.#options = options;
  }

  get state(): ControlState {
    return this.#state;
  }

  /** Connections lost so far. */
  get reconnects(): number {
    return this.#reconnects;
  }

  start(): void {
    void this.#connect();
  }

  /**
   * @throws XgError `TRANSCODER_DOWN` without a connection or when it breaks, `TRANSCODER_TIMEOUT` after 5 s,
   *   `TRANSCODER_BAD_ANSWER`, or the transcoder's own code.
   */
  async request<M extends ControlMethod>(
    method: M,
    params: ControlParams<M>,
    options: { timeoutMs?: number } = {},
  ): Promise<ControlResult<M>> {
    if (this.#state.name !== 'ready' || this.#client === null) {
      const reason = this.#state.name === 'connecting' ? this.#state.reason : null;
      throw new XgError(
        'TRANSCODER_DOWN',
        `the transcoder at ${this.#options.path} is not there: ${reason ?? 'connecting'}`,
      );
    }
    return await this.#ask(this.#client, method, params, options.timeoutMs);
  }

  close(): void {
    this.#setState({ name: 'closed' });
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#failPending('the daemon is stopping');
    this.#client?.destroy();
    this.#client = null;
  }

  async #connect(): Promise<void> {
    const client = new Client({ path: this.#options.path, messagepack: true, reconnect: false, retries: 0 });
    this.#client = client;
    let reason = 'connection closed';
    client.on('error', (error) => {
      reason = errorMessage(error);
    });
    client.on('close', () => this.#onClose(client, reason));
    try {
      await client.connect();
      const hello = await this.#ask(client, 'hello', { version: CONTROL_PROTOCOL_VERSION, build: this.#options.build });
      if (this.#client !== client || this.#state.name === 'closed') return;
      this.#retryMs = FIRST_RETRY_MS;
      this.#setState({ name: 'ready', build: hello.build, pid: hello.pid });
    } catch (error) {
      reason = errorMessage(error);
      // net-ipc reports a failed connect by `close` as well; a failed hello leaves a connection to be ended.
      client.destroy();
      this.#onClose(client, reason);
    }
  }

  #onClose(client: Client, reason: string): void {
    if (this.#client !== client) return;
    this.#client = null;
    this.#failPending(reason);
    if (this.#state.name === 'closed') return;
    if (this.#state.name === 'ready') this.#reconnects++;
    this.#setState({ name: 'connecting', reason });
    this.#retryTimer = setTimeout(() => void this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 2);
  }

  async #ask<M extends ControlMethod>(
    client: Client,
    method: M,
    params: ControlParams<M>,
    timeoutMs = REQUEST_MS,
  ): Promise<ControlResult<M>> {
    const answer = await new Promise<unknown>((resolve, reject) => {
      const fail = (error: XgError): void => {
        clearTimeout(timer);
        this.#pending.delete(fail);
        reject(error);
      };
      const timer = setTimeout(
        () => fail(new XgError('TRANSCODER_TIMEOUT', `the transcoder did not answer ${method} within ${timeoutMs} ms`)),
        timeoutMs,
      );
      this.#pending.add(fail);
      client.request({ method, params }, timeoutMs + 1_000).then(
        (value: unknown) => {
          clearTimeout(timer);
          this.#pending.delete(fail);
          resolve(value);
        },
        (error: unknown) => fail(new XgError('TRANSCODER_DOWN', errorMessage(error))),
      );
    });
    const response = readMessage(controlResponseSchema, answer);
    if (!response.ok) throw new XgError('TRANSCODER_BAD_ANSWER', `the transcoder's answer to ${method} is none`);
    if (!response.value.ok) throw new XgError(response.value.code, `transcoder: ${response.value.message}`);
    const result = readMessage<unknown>(controlResultSchemas[method], response.value.result);
    if (!result.ok) throw new XgError('TRANSCODER_BAD_ANSWER', `the transcoder's result of ${method} is not as agreed`);
    return result.value as ControlResult<M>;
  }

  #failPending(reason: string): void {
    for (const fail of [...this.#pending]) fail(new XgError('TRANSCODER_DOWN', `the transcoder went away: ${reason}`));
  }

  #setState(state: ControlState): void {
    if (this.#state.name === 'closed') return;
    this.#state = state;
    this.#options.onState?.(state);
  }
}
