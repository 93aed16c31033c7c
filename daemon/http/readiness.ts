import type { LineupState } from '../lineup/service.ts';
import type { AppDeps, BoxHealth, TranscoderState } from './deps.ts';

/** One part of the system as `/readyz`, `/api/v1/status` and the start page show it. */
export interface ComponentState {
  readonly state: string;
  readonly ready: boolean;
  /** Stable, for programs; null when all is well. */
  readonly code: string | null;
  /** For people: what is wrong and what to do; null when all is well. */
  readonly reason: string | null;
}

export interface Readiness {
  readonly ready: boolean;
  readonly components: {
    readonly lineup: ComponentState;
    readonly transcoder: ComponentState;
    /** Absent while no receiver is configured. Its being away does not make us unready: it may be asleep. */
    readonly receivers?: ComponentState;
  };
}

/** Ready means: there is a lineup (an old one will do), and the transcoder works or is known not to. */
export function readiness(deps: Pick<AppDeps, 'lineup' | 'transcoder' | 'receiver' | 'boxes'>): Readiness {
  const lineup = deps.receiver === null ? noReceiver() : lineupComponent(deps.lineup.state);
  const transcoder = transcoderComponent(deps.transcoder.state);
  const boxes = deps.receiver === null ? [] : (deps.boxes?.() ?? []);
  const receivers = boxes.length === 0 ? {} : { receivers: receiversComponent(boxes) };
  return { ready: lineup.ready && transcoder.ready, components: { lineup, transcoder, ...receivers } };
}

function receiversComponent(boxes: readonly BoxHealth[]): ComponentState {
  const away = boxes.filter((box) => box.lost !== null || box.breaker !== 'closed');
  if (away.length === 0) return { state: 'connected', ready: true, code: null, reason: null };
  const reasons = away.map(({ name, breaker, lost }) => {
    const care = breaker === 'closed' ? '' : ` (left alone for a while: circuit breaker ${breaker})`;
    return `${name}: ${lost ?? 'it did not answer several times'}${care}`;
  });
  const state = away.length < boxes.length ? 'degraded' : 'away';
  return { state, ready: true, code: 'RECEIVER_AWAY', reason: reasons.join('; ') };
}

function noReceiver(): ComponentState {
  const reason = 'No receiver is set. Set receiver.host in the configuration, or XG2G_E2_HOST, to its address';
  return { state: 'unset', ready: false, code: 'RECEIVER_UNSET', reason };
}

function lineupComponent(state: LineupState): ComponentState {
  switch (state.kind) {
    case 'loading':
      return { state: 'loading', ready: false, code: null, reason: 'The channels are being read from the receiver' };
    case 'failed':
      return { state: 'failed', ready: false, code: state.failure.code, reason: state.failure.message };
    case 'ready': {
      const failure = state.failure?.message ?? null;
      const code = state.failure?.code ?? null;
      if (state.origin !== 'cache') return { state: 'ready', ready: true, code, reason: failure };
      const age = `The channels are those of ${new Date(state.readAtMs).toISOString()}, until the receiver answers`;
      return { state: 'cached', ready: true, code, reason: failure === null ? age : `${failure}. ${age}` };
    }
  }
}

function transcoderComponent(state: TranscoderState): ComponentState {
  switch (state.kind) {
    case 'connected':
      return { state: 'connected', ready: true, code: null, reason: null };
    case 'connecting':
      return { state: 'connecting', ready: false, code: null, reason: 'The transcoder is not connected yet' };
    case 'degraded':
      return { state: 'degraded', ready: true, code: 'TRANSCODER_DEGRADED', reason: state.reason };
    case 'failed':
      return { state: 'failed', ready: false, code: 'TRANSCODER_FAILED', reason: state.reason };
  }
}
