import type { ActiveFaults } from '../active-faults.ts';
import type { Fault } from '../faults.ts';
import type { PortHolder } from './port-holder.ts';
import { SilentListener } from './silent-listener.ts';

export interface OutagePort {
  readonly ports: PortHolder;
  /** Faults for which nobody listens there. */
  readonly refusedBy: readonly Fault[];
  /** Breaks off what stands. */
  readonly dropAll: () => void;
}

export interface OutageOptions {
  readonly host: string;
  readonly ports: readonly OutagePort[];
  readonly faults: ActiveFaults;
  readonly onPower: (on: boolean) => void;
}

/** Faults with which the whole box is off. */
export const POWER_FAULTS: readonly Fault[] = ['refused', 'restart', 'deep-standby'];

const RESTART_SECONDS = 5;
const BOOT_SECONDS = 3;

/** Lets the faults of power and network happen to the box's ports, and ends those that end by themselves. */
export class Outage {
  readonly #options: OutageOptions;
  #silent: SilentListener | null = null;
  #timer: NodeJS.Timeout | null = null;
  #powered = true;
  #work: Promise<void> = Promise.resolve();

  constructor(options: OutageOptions) {
    this.#options = options;
  }

  /** Resolves when the ports are as the faults want them. */
  get settled(): Promise<void> {
    return this.#work;
  }

  start(): void {
    this.#options.faults.on('change', this.#onChange);
    this.#onChange();
  }

  async close(): Promise<void> {
    this.#options.faults.off('change', this.#onChange);
    this.#stopTimer();
    await this.#work;
    await this.#silent?.close();
  }

  /** The magic packet has come. */
  wake(): void {
    const { faults } = this.#options;
    const deep = faults.find('deep-standby');
    if (deep === null || this.#timer !== null) return;
    this.#endAfter('deep-standby', deep.seconds ?? BOOT_SECONDS);
  }

  /** What ends happens at once; what begins to listen again takes a moment. */
  readonly #onChange = (): void => {
    const { faults, ports, onPower } = this.#options;
    for (const port of ports) {
      if (port.refusedBy.some((fault) => faults.has(fault))) {
        port.ports.suspend();
        port.dropAll();
      } else if (faults.has('black-hole')) port.ports.suspend();
    }
    const powered = !POWER_FAULTS.some((fault) => faults.has(fault));
    if (powered !== this.#powered) onPower(powered);
    this.#powered = powered;
    const restart = faults.find('restart');
    if (restart !== null) this.#endAfter('restart', restart.seconds ?? RESTART_SECONDS);
    else if (!faults.has('deep-standby')) this.#stopTimer();
    this.#work = this.#work.then(() => this.#settle());
  };

  async #settle(): Promise<void> {
    const { faults, ports, host } = this.#options;
    const isRefused = (port: OutagePort): boolean => port.refusedBy.some((fault) => faults.has(fault));
    const open = ports.filter((port) => !isRefused(port));
    // Once more: one that was about to listen when the fault came does so by now.
    for (const port of ports) if (isRefused(port) || faults.has('black-hole')) port.ports.suspend();
    if (faults.has('black-hole')) {
      this.#silent ??= await SilentListener.open(
        host,
        open.map((port) => port.ports.port),
      );
      return;
    }
    await this.#silent?.close();
    this.#silent = null;
    for (const port of open) await port.ports.resume();
  }

  #endAfter(fault: Fault, seconds: number): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#options.faults.remove(fault);
    }, seconds * 1000);
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
