import type { ActiveFaults } from '../../active-faults.ts';
import type { FaultSetting } from '../../faults.ts';
import { garbage, packetDamage } from './damage.ts';
import { afterBytes, afterPackets, chained, ending, type Manner, type Passed, silence, unharmed } from './manner.ts';
import { movedPids } from './moved-pids.ts';
import { lockLoss, scrambledFor } from './timed.ts';

export interface ConnectionContext {
  readonly ref: string;
  readonly pmtPid: number;
  readonly kind: 'stream' | 'relay' | 'internet';
}

const LOCK_LOSS_SECONDS = 4;
const CLEARS_LATE_SECONDS = 3;
const RELAY_CLEARS_LATE_SECONDS = 6;
const LATE_TEXT = '\r\nHTTP/1.0 500 Internal Server Error\r\n\r\n';

type Make = (setting: FaultSetting, context: ConnectionContext) => Manner | null;

/** In the order in which they are applied: what needs whole packets first. */
const MAKERS: readonly (readonly [FaultSetting['fault'], Make])[] = [
  ['stream-pids', ({ afterBytes: count = 0 }, { pmtPid }) => afterPackets(count, movedPids(pmtPid))],
  [
    'stream-scrambled',
    (_, { kind, pmtPid }) => (kind === 'stream' ? scrambledFor(Number.POSITIVE_INFINITY, pmtPid) : null),
  ],
  ['stream-clears-late', ({ seconds = CLEARS_LATE_SECONDS }, { pmtPid }) => scrambledFor(seconds, pmtPid)],
  [
    'relay-clears-late',
    ({ seconds = RELAY_CLEARS_LATE_SECONDS }, { kind, pmtPid }) =>
      kind === 'relay' ? scrambledFor(seconds, pmtPid) : null,
  ],
  ['stream-loss', () => packetDamage('stream-loss')],
  ['stream-tei', () => packetDamage('stream-tei')],
  ['stream-junk', () => packetDamage('stream-junk')],
  ['stream-garbage', ({ afterBytes: count = 0 }) => afterBytes(count, garbage)],
  [
    'stream-lock-loss',
    ({ afterBytes: count = 0, seconds = LOCK_LOSS_SECONDS }) => afterBytes(count, lockLoss(seconds)),
  ],
  ['stream-text-late', ({ afterBytes: count = 0 }) => afterBytes(count, ending('close', LATE_TEXT))],
  ['stream-cut', ({ afterBytes: count = 0 }) => afterBytes(count, ending('close'))],
  ['stream-reset', ({ afterBytes: count = 0 }) => afterBytes(count, ending('reset'))],
  ['stream-stall', ({ afterBytes: count = 0 }) => afterBytes(count, silence)],
  ['black-hole', () => silence],
];

/** The faults of one connection, as they come and go. What a fault has counted goes on as long as it stays. */
export class ConnectionManners {
  readonly #faults: ActiveFaults;
  readonly #context: ConnectionContext;
  #seen: readonly FaultSetting[] | null = null;
  #made = new Map<FaultSetting, Manner>();
  #chain: Manner = unharmed;

  constructor(faults: ActiveFaults, context: ConnectionContext) {
    this.#faults = faults;
    this.#context = context;
  }

  pass(packets: Buffer): Passed {
    if (this.#seen !== this.#faults.settings) this.#rebuild();
    return this.#chain(packets);
  }

  #rebuild(): void {
    this.#seen = this.#faults.settings;
    const made = new Map<FaultSetting, Manner>();
    this.#chain = unharmed;
    for (const [fault, make] of MAKERS) {
      const setting = this.#faults.find(fault, this.#context.ref);
      if (setting === null) continue;
      const manner = this.#made.get(setting) ?? make(setting, this.#context);
      if (manner === null) continue;
      made.set(setting, manner);
      this.#chain = this.#chain === unharmed ? manner : chained(this.#chain, manner);
    }
    this.#made = made;
  }
}
