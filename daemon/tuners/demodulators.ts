/** What a demodulator receives: satellite, cable, terrestrial. */
export type Delivery = 's' | 'c' | 't';

/** Namespaces (high half) that Enigma2 gives to services without an orbital position. */
const NAMESPACE_CABLE = 0xffff;
const NAMESPACE_TERRESTRIAL = 0xeeee;

const EVERYTHING: readonly Delivery[] = ['s', 'c', 't'];

/** What a transponder with this key (`namespace:tsid:onid`, hexadecimal) is broadcast over. */
export function deliveryOf(transponder: string): Delivery {
  const position = Math.floor(Number.parseInt(transponder.split(':')[0] ?? '0', 16) / 0x1_0000);
  if (position === NAMESPACE_CABLE) return 'c';
  return position === NAMESPACE_TERRESTRIAL ? 't' : 's';
}

/**
 * What a tuner can receive, from the text in which the box describes it: "Vuplus DVB-C NIM(TT3L10) (MultiType
 * DVB-C/T2)". A text that does not say so is believed to mean everything.
 */
export function deliveriesOf(type: string): readonly Delivery[] {
  const found = new Set<Delivery>();
  for (const [, letters = ''] of type.matchAll(/DVB-([SCT]2?X?(?:\/[SCT]2?X?)*)/gi)) {
    for (const letter of letters.toLowerCase())
      if (letter === 's' || letter === 'c' || letter === 't') found.add(letter);
  }
  return found.size === 0 ? EVERYTHING : EVERYTHING.filter((delivery) => found.has(delivery));
}

/**
 * Whether the tuners can receive all these transponders at once, and `spare` tuners of any kind are left. One tuner
 * receives one transponder; which one takes which is for the box to decide, so it is enough that there is a way: a
 * matching of transponders to tuners (augmenting paths; a box has few of both).
 */
export function fitsTuners(
  tuners: readonly (readonly Delivery[])[],
  transponders: ReadonlySet<string>,
  spare = 0,
): boolean {
  if (transponders.size + spare > tuners.length) return false;
  /** By tuner: the transponder that it receives. */
  const taken: (string | null)[] = tuners.map(() => null);
  const place = (transponder: string, tried: Set<number>): boolean => {
    const wanted = deliveryOf(transponder);
    for (const [index, deliveries] of tuners.entries()) {
      if (tried.has(index) || !deliveries.includes(wanted)) continue;
      tried.add(index);
      const other = taken[index] ?? null;
      if (other === null || place(other, tried)) {
        taken[index] = transponder;
        return true;
      }
    }
    return false;
  };
  for (const transponder of transponders) if (!place(transponder, new Set())) return false;
  return true;
}
