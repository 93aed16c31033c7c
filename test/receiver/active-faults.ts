import { EventEmitter } from 'node:events';
import type { Fault, FaultSetting } from './faults.ts';
import { canonicalRef } from './lineup/service-ref.ts';

/** The faults that the box has now. `change` is emitted whenever they are others. */
export class ActiveFaults extends EventEmitter<{ change: [] }> {
  #settings: readonly FaultSetting[];

  constructor(settings: readonly FaultSetting[] = []) {
    super();
    this.setMaxListeners(0); // every open stream listens
    this.#settings = settings;
  }

  get settings(): readonly FaultSetting[] {
    return this.#settings;
  }

  /** Exactly these from now on. */
  set(settings: readonly FaultSetting[]): void {
    this.#settings = settings;
    this.emit('change');
  }

  /** Replaces one of the same name for the same service. */
  add(setting: FaultSetting): void {
    const others = this.#settings.filter((one) => one.fault !== setting.fault || one.ref !== setting.ref);
    this.set([...others, setting]);
  }

  remove(fault: Fault): void {
    this.set(this.#settings.filter((one) => one.fault !== fault));
  }

  /** Those that concern a service; without one, those that concern none in particular. */
  of(ref: string | null): FaultSetting[] {
    return this.#settings.filter(
      (one) => one.ref == null || (ref !== null && canonicalRef(one.ref) === canonicalRef(ref)),
    );
  }

  find(fault: Fault, ref: string | null = null): FaultSetting | null {
    return this.of(ref).find((one) => one.fault === fault) ?? null;
  }

  has(fault: Fault, ref: string | null = null): boolean {
    return this.find(fault, ref) !== null;
  }
}
