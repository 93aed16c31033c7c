import type { Transcoder } from '../transcoder-client/transcoder.ts';
import type { TranscoderState } from './deps.ts';

/** What clients are told of the connection to the transcoder. */
export function transcoderState(transcoder: Transcoder): TranscoderState {
  const { state } = transcoder;
  if (state.name === 'ready') return { kind: 'connected' };
  if (state.name === 'connecting' && state.reason === null) return { kind: 'connecting' };
  return { kind: 'degraded', reason: state.name === 'connecting' ? (state.reason ?? '') : 'stopping' };
}
