import type { Lineup } from '../lineup/lineup.ts';
import { piconName } from '../lineup/service-ref.ts';
import { picon } from './picon.ts';
import { NO_SUCH_CALL, type Reply } from './reply.ts';

/** Files exist under the HD name's SD form only, as many picon sets have them; radio keeps its type. */
export function piconReply(lineup: Lineup, file: string): Reply {
  const wanted = file.replace(/\.png$/, '');
  const index = lineup.services.findIndex(
    (service) => piconName(service.ref).replace(/^1_0_(?:16|19|1F)_/, '1_0_1_') === wanted,
  );
  if (index < 0 || lineup.services[index]?.epg === 'none') return NO_SUCH_CALL;
  return { type: 'image/png', body: picon(index + 1) };
}
