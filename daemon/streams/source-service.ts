import { XgError } from '#shared/errors.ts';
import type { Channel } from '../lineup/channel.ts';
import { parseServiceReference } from '../receiver/service-reference.ts';
import type { SourceService } from './source-stream.ts';

/** @throws XgError `NOT_PLAYABLE` for what is neither broadcast nor a URL. */
export function sourceService(channel: Channel): SourceService {
  const ref = parseServiceReference(channel.ref);
  if (ref === null || (ref.kind !== 'dvb' && ref.kind !== 'iptv')) {
    throw new XgError('NOT_PLAYABLE', `${channel.name} is neither a broadcast service nor an internet stream`);
  }
  return {
    id: channel.id,
    ref: channel.ref,
    name: channel.name,
    // What the numbers of an internet stream's reference say is nobody's programme.
    program: ref.kind === 'dvb' ? ref.sid : null,
    originalNetworkId: ref.onid,
    radio: channel.radio,
  };
}
