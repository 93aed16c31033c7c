import type { Arbiter } from '../../tuners/arbiter.ts';
import { occupancyNow } from '../../tuners/occupancy.ts';
import { leaseClass } from '../../tuners/state.ts';
import { useText } from '../../tuners/words.ts';
import { tvhId } from '../ids.ts';
import type { GridRow } from './grid.ts';

/** `status/…`. What a box does not tell (signal, bit errors) is 0 with a scale of 0: "unknown" in Tvheadend's own way. */

type Tuners = Pick<Arbiter, 'state' | 'nowMs'>;

export function inputRows({ state, nowMs }: Tuners): GridRow[] {
  return state.boxes.flatMap((box) => {
    const { uses } = occupancyNow(state, box, nowMs);
    return (box.picture?.tuners ?? []).map((kinds, index) => {
      const use = uses[index];
      return {
        uuid: tvhId('input', `${box.id} ${index}`).uuid,
        input: `${box.name} ${String.fromCharCode(65 + (index % 26))} (DVB-${kinds.join('/').toUpperCase()})`,
        stream: use === undefined ? '' : useText(use),
        subs: use?.by.length ?? 0,
        weight: 0,
        ...UNKNOWN_SIGNAL,
      };
    });
  });
}

const UNKNOWN_SIGNAL = {
  signal: 0,
  signal_scale: 0,
  snr: 0,
  snr_scale: 0,
  ber: 0,
  unc: 0,
  bps: 0,
  te: 0,
  cc: 0,
  ec_bit: 0,
  tc_bit: 0,
  ec_block: 0,
  tc_block: 0,
};

export function subscriptionRows({ state }: Tuners): GridRow[] {
  return state.leases.flatMap((lease) =>
    lease.viewers.map((viewer) => ({
      id: tvhId('subscription', viewer.id).number,
      start: Math.floor(lease.sinceMs / 1000),
      errors: 0,
      state: 'Running',
      hostname: viewer.address ?? '',
      username: '',
      client: viewer.name,
      title: leaseClass(lease),
      channel: lease.service.name,
      service: lease.service.name,
      profile: '',
      in: 0,
      out: 0,
    })),
  );
}

export function connectionRows(tuners: Tuners): GridRow[] {
  return subscriptionRows(tuners).map((row) => ({
    id: row['id'],
    started: row['start'],
    peer: row['hostname'],
    type: 'stream',
    user: '',
  }));
}
