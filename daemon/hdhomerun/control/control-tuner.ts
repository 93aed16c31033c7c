import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode, XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Channel } from '../../lineup/channel.ts';
import type { StreamLease } from '../../streams/stream-manager.ts';
import type { LeaseViewer } from '../../tuners/state.ts';
import { frequencyOf, type MappedTransponder, placeOf, programOf } from '../channel-map.ts';
import type { HdhrDevice } from '../devices.ts';
import type { HdhomerunFace } from '../face.ts';
import type { SlotUse } from '../tuner-slots.ts';
import { DatagramSender } from './datagram-sender.ts';
import { LockKey } from './lock-key.ts';
import type { PidFilter } from './pid-filter.ts';
import { destinationText, type StreamDestination } from './target.ts';

export interface ControlTunerOptions {
  readonly index: number;
  readonly device: HdhrDevice;
  readonly face: HdhomerunFace;
  /** As it is broadcast. @throws as StreamManager.join. */
  join(channel: Channel, viewer: LeaseViewer, signal: AbortSignal): Promise<StreamLease>;
  readonly logger: Logger;
  /** A tuner that nobody asks about and that sends nothing is given back after so long. */
  readonly idleMs?: number;
}

/** Clients wait 2.5 s for an answer. A refusal is known by then: the arbiter has looked at the box, and waited a second. */
const SOON_MS = 1_800;
const IDLE_MS = 30_000;

/**
 * One tuner as it is driven over the control connection.
 * - `none`
 * - `empty`: a frequency where there is no transponder
 * - `tuning`: its channel is being opened
 * - `tuned`
 * - `failed`: it could not be opened, or ended
 */
type TunerState =
  | { readonly name: 'none' }
  | { readonly name: 'empty' | 'failed'; readonly tuned: Tuned }
  | { readonly name: 'tuning'; readonly tuned: Tuned; readonly use: SlotUse; readonly abort: AbortController }
  | { readonly name: 'tuned'; readonly tuned: Tuned; readonly use: SlotUse; readonly lease: StreamLease };

interface Tuned {
  /** As `channel` says it; `none` for one without a transponder. */
  readonly ch: string;
  readonly vchannel: string;
  readonly transponder: MappedTransponder | null;
  readonly channel: Channel | null;
  /** Chosen by its client; else the first one there is. */
  readonly program: number;
}

export class ControlTuner {
  readonly lock = new LockKey();
  readonly #options: ControlTunerOptions;
  #state: TunerState = { name: 'none' };
  #destination: StreamDestination | null = null;
  #sender: DatagramSender | null = null;
  #idle: NodeJS.Timeout | null = null;
  filter: PidFilter | null = null;

  constructor(options: ControlTunerOptions) {
    this.#options = options;
  }

  /** Of the slot: a stream over HTTP shows in the same variables. */
  get use(): SlotUse | null {
    return this.#options.device.slots.use(this.#options.index);
  }

  get ch(): string {
    if (this.#state.name !== 'none') return this.#state.tuned.ch;
    const { use } = this;
    if (use === null) return 'none';
    const place = placeOf(this.#options.face.mapOf(this.#options.device), use.channel);
    return place === null ? 'iptv' : `auto:${place.frequency}`;
  }

  /** The virtual channel; `none`. */
  get vchannel(): string {
    if (this.#state.name !== 'none') return this.#state.tuned.vchannel;
    return this.use === null ? 'none' : String(this.use.channel.number);
  }

  get channel(): Channel | null {
    return this.#state.name === 'none' ? (this.use?.channel ?? null) : this.#state.tuned.channel;
  }

  get transponder(): MappedTransponder | null {
    if (this.#state.name === 'failed' || this.#state.name === 'tuning') return null;
    const { face, device } = this.#options;
    if (this.#state.name !== 'none') return this.#state.tuned.transponder;
    return this.use === null ? null : placeOf(face.mapOf(device), this.use.channel);
  }

  get program(): number {
    if (this.#state.name === 'none') return this.use === null ? 0 : (programOf(this.use.channel) ?? 0);
    return this.#state.tuned.program;
  }

  get target(): string {
    return this.#destination === null ? 'none' : destinationText(this.#destination);
  }

  /** Datagrams sent to the present target; null while nothing is sent. */
  get sentDatagrams(): number | null {
    return this.#sender?.sentDatagrams ?? null;
  }

  /** Somebody is interested. */
  touch(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    if (this.#state.name === 'none' && this.lock.owner === null) return;
    this.#idle = setTimeout(() => this.#onIdle(), this.#options.idleMs ?? IDLE_MS);
    this.#idle.unref();
  }

  /** @throws XgError `CHANNEL_UNKNOWN`, `HDHR_TUNER_IN_USE`; what opening a stream throws at once. */
  async tuneVirtual(text: string, client: string): Promise<void> {
    if (text === 'none') return this.tuneNone();
    const { face, device } = this.#options;
    const channel = face.channel(device, text);
    if (channel === null) throw new XgError('CHANNEL_UNKNOWN', `There is no channel ${text.slice(0, 40)}`);
    const place = placeOf(face.mapOf(device), channel);
    await this.#tune(
      {
        ch: place === null ? 'iptv' : `auto:${place.frequency}`,
        vchannel: String(channel.number),
        transponder: place,
        channel,
        program: programOf(channel) ?? 0,
      },
      client,
    );
  }

  /** @throws XgError `HDHR_CHANNEL`, `HDHR_TUNER_IN_USE`; what opening a stream throws at once. */
  async tuneFrequency(text: string, client: string): Promise<void> {
    if (text === 'none') return this.tuneNone();
    const { face, device } = this.#options;
    const map = face.mapOf(device);
    const frequency = frequencyOf(map, text);
    if (frequency === null) throw new XgError('HDHR_CHANNEL', `${text.slice(0, 40)} is no frequency and no channel`);
    const transponder = map.transponders.get(frequency) ?? null;
    const ch = `auto:${frequency}`;
    const channel = transponder?.channels[0] ?? null;
    await this.#tune({ ch, vchannel: 'none', transponder, channel, program: 0 }, client);
  }

  /** Another programme of the same transponder. @throws XgError as `tuneVirtual`. */
  async tuneProgram(program: number, client: string): Promise<void> {
    if (this.#state.name === 'none' || program === 0) return;
    const { tuned } = this.#state;
    const channel = tuned.transponder?.channels.find((one) => programOf(one) === program);
    if (channel === undefined) throw new XgError('CHANNEL_UNKNOWN', `There is no programme ${program} here`);
    await this.#tune({ ...tuned, channel, program }, client);
  }

  tuneNone(): void {
    this.#stopSending();
    this.#destination = null;
    this.filter = null;
    this.#leave();
    this.#state = { name: 'none' };
  }

  /** Null: nowhere. It begins when there is a stream. */
  sendTo(destination: StreamDestination | null): void {
    this.#stopSending();
    this.#destination = destination;
    this.#startSending();
    this.touch();
  }

  close(): void {
    this.tuneNone();
    if (this.#idle !== null) clearTimeout(this.#idle);
  }

  async #tune(tuned: Tuned, client: string): Promise<void> {
    const { device, index, join, logger } = this.#options;
    this.#stopSending();
    this.#leave();
    const { channel } = tuned;
    if (channel === null) {
      this.#state = { name: 'empty', tuned };
      return;
    }
    this.#state = { name: 'none' }; // in case the tuner is somebody else's
    const use = device.slots.take(index, { channel, address: client, by: 'control' });
    const abort = new AbortController();
    const tuning: TunerState = { name: 'tuning', tuned, use, abort };
    this.#state = tuning;
    const viewer: LeaseViewer = {
      id: randomUUID(),
      class: 'interactive',
      name: `an HDHomeRun client at ${client}`,
      address: client,
    };
    const opening = join(channel, viewer, abort.signal).then(
      (lease) => {
        if (this.#state !== tuning) {
          lease.release();
          return;
        }
        use.ring = lease.ring;
        use.rate.bytesPerSecond(lease.ring.end);
        this.#state = { name: 'tuned', tuned, use, lease };
        this.#endWithStream(lease);
        this.#startSending();
      },
      (error: unknown) => {
        if (this.#state !== tuning) return;
        logger.info({ channel: channel.id, client, code: errorCode(error) }, 'an HDHomeRun client could not tune');
        use.release();
        this.#state = { name: 'failed', tuned };
        throw error;
      },
    );
    const pause = new AbortController();
    try {
      await Promise.race([opening, delay(SOON_MS, undefined, { signal: pause.signal })]);
    } finally {
      pause.abort();
      opening.catch(() => undefined); // told in the state, if it comes after the answer
    }
  }

  /** Gives the tuner back, whatever it does. */
  #leave(): void {
    const state = this.#state;
    if (state.name === 'tuning') {
      state.use.release();
      state.abort.abort(new XgError('ECANCELED', 'tuned to something else'));
    }
    if (state.name === 'tuned') {
      state.use.release();
      state.lease.release();
    }
  }

  #endWithStream(lease: StreamLease): void {
    const unsubscribe = lease.ring.subscribe(() => {
      if (lease.ring.closed === null) return;
      unsubscribe();
      if (this.#state.name !== 'tuned' || this.#state.lease !== lease) return;
      const { tuned } = this.#state;
      this.#stopSending();
      this.#leave();
      this.#state = { name: 'failed', tuned };
    });
  }

  #startSending(): void {
    const state = this.#state;
    const destination = this.#destination;
    if (state.name !== 'tuned' || destination === null) return;
    state.use.target = destination.address;
    this.#sender = new DatagramSender({
      ring: state.lease.ring,
      destination,
      filter: () => this.filter,
      onEnd: (why, code) => {
        this.#sender = null;
        this.#destination = null;
        if (this.#state.name === 'tuned') this.#state.use.target = null;
        const client = destinationText(destination);
        this.#options.logger.info({ client, why, code, tuner: this.#options.index }, 'an HDHomeRun target has ended');
        this.touch();
      },
    });
  }

  #stopSending(): void {
    this.#sender?.close();
    this.#sender = null;
    if (this.#state.name === 'tuned') this.#state.use.target = null;
  }

  #onIdle(): void {
    this.#idle = null;
    if (this.#sender !== null) {
      this.touch();
      return;
    }
    this.tuneNone();
    this.lock.open(); // its owner has gone, or it would have asked something
    this.#options.device.slots.lock(this.#options.index, null);
  }
}
