import { urlOfRef } from '../lineup/internet.ts';
import type { Lineup } from '../lineup/lineup.ts';

/** What a client gets to play: the port of the effective stream, or the address that the reference itself names. */
export function streamPlaylist(
  lineup: Lineup,
  ref: string,
  name: string,
  host: string,
  ports: { readonly stream: number; readonly relay: number },
): string {
  const direct = urlOfRef(ref);
  const service = lineup.byRef(ref);
  const port = service?.reception === 'scrambled' ? ports.relay : ports.stream;
  const program = service === null || direct !== null ? '' : `#EXTVLCOPT:program=${service.sid}\n`;
  const url = direct ?? `http://${host}:${port}/${ref}`;
  return `#EXTM3U \n#EXTVLCOPT:http-reconnect=true \n#EXTINF:-1,${name}\n${program}${url}\n`;
}
