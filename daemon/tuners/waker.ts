import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage, XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { StatusInfo } from '../receiver/model.ts';
import { sendMagicPacket, type WakeTarget } from './magic-packet.ts';

/** What waking a box needs of it. */
export interface SleepingBox {
  statusInfo(options: { signal?: AbortSignal | undefined; force?: boolean | undefined }): Promise<StatusInfo>;
  wakeFromStandby(options: { signal?: AbortSignal | undefined }): Promise<void>;
}

export interface WakerOptions {
  readonly box: SleepingBox;
  readonly name: string;
  readonly logger: Logger;
  /** Wakes a box that does not answer, over the network. */
  readonly onLan: boolean;
  /** Takes it out of standby as well: its television comes on, which streaming does not need. */
  readonly fromStandby: boolean;
  /** Hardware addresses, as far as they are known. */
  readonly macs: () => readonly string[];
  readonly target: WakeTarget;
}

/** How long a box that sleeps may take to say that it does not. */
const ALIVE_MS = 1_500;
const ASK_AGAIN_MS = 400;
/** How long a viewer waits for a box that was woken; most players give up soon after. */
const WAIT_MS = 4_500;
/** What a box takes to start, for those who are told to come again. */
const BOOT_SECONDS = 30;
/** Magic packets to a box that does not come are sent no more often. */
const SEND_AGAIN_MS = 5_000;

/** Wakes one box when somebody wants to watch. */
export class Waker {
  readonly #options: WakerOptions;
  #sentAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: WakerOptions) {
    this.#options = options;
  }

  /** Whether anything is to be done before a stream is opened. */
  get isConfigured(): boolean {
    return this.#options.onLan || this.#options.fromStandby;
  }

  /**
   * Resolves when the box answers, and is out of standby if that is wanted.
   *
   * @throws XgError `RECEIVER_WAKING` when it was woken and is not there yet, `RECEIVER_ASLEEP` when it cannot be woken.
   */
  async wake(signal: AbortSignal): Promise<void> {
    const { box, onLan, fromStandby, name, logger } = this.#options;
    let status = await this.#ask(signal);
    if (status === null && onLan) status = await this.#wakeOnLan(signal);
    if (status === null || !status.standby || !fromStandby) return; // what fails next says why
    logger.info({ receiver: name }, 'taking the receiver out of standby');
    await box.wakeFromStandby({ signal });
  }

  async #wakeOnLan(signal: AbortSignal): Promise<StatusInfo> {
    const { name, logger, macs, target } = this.#options;
    const known = macs();
    if (known.length === 0) {
      throw new XgError(
        'RECEIVER_ASLEEP',
        `${name} does not answer, and cannot be woken: its hardware address is not known yet. Switch it on once, or set receiver.mac`,
      );
    }
    const startMs = performance.now();
    if (startMs - this.#sentAtMs > SEND_AGAIN_MS) {
      this.#sentAtMs = startMs;
      logger.info({ receiver: name, macs: known }, 'the receiver does not answer: waking it over the network');
      for (const mac of known) {
        try {
          await sendMagicPacket(mac, target);
        } catch (error) {
          logger.warn({ receiver: name, mac }, errorMessage(error));
        }
      }
    }
    while (performance.now() - startMs < WAIT_MS) {
      await delay(ASK_AGAIN_MS, undefined, { signal });
      const status = await this.#ask(signal);
      if (status === null) continue;
      logger.info({ receiver: name, tookMs: Math.round(performance.now() - startMs) }, 'the receiver is awake');
      return status;
    }
    throw new XgError('RECEIVER_WAKING', `${name} was asleep and is starting; try again in half a minute`, {
      data: { retryAfterSeconds: BOOT_SECONDS },
    });
  }

  async #ask(signal: AbortSignal): Promise<StatusInfo | null> {
    try {
      const limit = AbortSignal.timeout(ALIVE_MS);
      return await this.#options.box.statusInfo({ signal: AbortSignal.any([signal, limit]), force: true });
    } catch {
      signal.throwIfAborted();
      return null; // refused, timed out or no route: that it sleeps is the likeliest reason
    }
  }
}
