import type { BoxPicture, TimerClaim, TunedService } from '#daemon/tuners/box-picture.ts';
import type { Delivery } from '#daemon/tuners/demodulators.ts';
import type { BoxState, LeaseClass, LeaseViewer, TunerState } from '#daemon/tuners/state.ts';
import { step, type TunerAction, type TunerEvent } from '#daemon/tuners/transition.ts';

export const NOW = Date.UTC(2026, 0, 1, 20, 0);
export const MINUTE = 60_000;

/** `A1` is service 1 of transponder A; `cable:A1` and `terrestrial:A1` come that way. */
export function service(name: string): TunedService {
  const [, way = '', mux = '', number = ''] = /^(?:(\w+):)?([A-Z])(\d)$/.exec(name) ?? [];
  const namespace = { cable: 'ffff0000', terrestrial: 'eeee0000' }[way] ?? 'c00000';
  const tsid = mux.charCodeAt(0).toString(16);
  return { id: `${namespace}-1-${tsid}-${number}`, name, transponder: `${namespace}:${tsid}:1` };
}

export function viewer(name: string, leaseClass: LeaseClass = 'interactive'): LeaseViewer {
  return { id: name, class: leaseClass, name, address: null };
}

export function timer(name: string, fields: Partial<TimerClaim> & { beginMs: number }): TimerClaim {
  return {
    service: service(name),
    name: `Film on ${name}`,
    prepareMs: fields.beginMs - 20_000,
    endMs: fields.beginMs + 90 * MINUTE,
    zapOnly: false,
    ...fields,
  };
}

export function picture(fields: Partial<BoxPicture> & { tunerCount?: number } = {}): BoxPicture {
  const { tunerCount = 2, ...rest } = fields;
  const satellite: readonly Delivery[] = ['s'];
  return {
    atMs: NOW,
    tunersAtMs: rest.atMs ?? NOW,
    tuners: Array.from({ length: tunerCount }, () => satellite),
    busyTuners: 0,
    standby: false,
    television: null,
    streams: [],
    recordings: [],
    upcoming: [],
    ...rest,
  };
}

export function box(id: string, fields: Partial<BoxState> = {}): BoxState {
  return {
    id,
    name: `box ${id}`,
    keepFree: 0,
    picture: null,
    lost: null,
    unknownUses: 0,
    tellsTelevision: false,
    ...fields,
  };
}

/** The state machine with its actions in short: `+A1@one free`, `!B1 full`, `-C1 viewer`, `?C1 20:15`. */
export class Machine {
  state: TunerState;
  nowMs = NOW;
  #last: readonly TunerAction[] = [];

  constructor(...boxes: BoxState[]) {
    this.state = { boxes: boxes.length === 0 ? [box('one')] : boxes, leases: [], ended: [] };
  }

  get lastActions(): readonly TunerAction[] {
    return this.#last;
  }

  apply(event: TunerEvent): string[] {
    const { state, actions } = step(this.state, event, this.nowMs);
    this.state = state;
    this.#last = actions;
    return actions.map(inShort);
  }

  see(fields: Parameters<typeof picture>[0] = {}, boxId = 'one'): string[] {
    return this.apply({ kind: 'picture', box: boxId, picture: picture({ atMs: this.nowMs, ...fields }) });
  }

  ask(
    name: string,
    leaseClass: LeaseClass = 'interactive',
    more: { boxes?: string[]; playable?: string[] } = {},
  ): string[] {
    const boxes = more.boxes ?? this.state.boxes.map((one) => one.id);
    const request = { id: name, service: service(name), boxes, viewers: [viewer(`viewer of ${name}`, leaseClass)] };
    const playable = more.playable === undefined ? {} : { playable: more.playable };
    return this.apply({ kind: 'request', request: { ...request, ...playable } });
  }

  leave(name: string): string[] {
    return this.apply({ kind: 'viewers', id: name, viewers: [] });
  }

  end(name: string): string[] {
    return this.apply({ kind: 'release', id: name });
  }

  tick(ms: number): string[] {
    this.nowMs += ms;
    return this.apply({ kind: 'tick' });
  }

  get leases(): string[] {
    return this.state.leases.map((lease) => `${lease.id}@${lease.box}`);
  }
}

function inShort(action: TunerAction): string {
  switch (action.kind) {
    case 'granted':
      return `+${action.lease.id}@${action.lease.box} ${action.why}`;
    case 'refused':
      return `!${action.id} ${action.refusal.boxes.map(({ reason }) => reason.kind).join(',')}`;
    case 'revoked':
      return `-${action.lease.id} ${action.why.cause}`;
    case 'warned':
      return `?${action.lease.id} ${action.lease.collision?.timer.name ?? 'clear'}`;
  }
}
