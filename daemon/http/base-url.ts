import type { Context } from 'koa';
import { XgError } from '#shared/errors.ts';

/** A host name, an IPv4 address or an IPv6 address in brackets, with an optional port. */
const HOST = /^(?:\[[0-9a-f:.]{2,45}\]|[a-z0-9](?:[a-z0-9._-]{0,252}[a-z0-9])?\.?)(?::\d{1,5})?$/i;

/**
 * Where this client reaches us, without a trailing slash: the configured public URL, else the request's Host header
 * (it ends up in playlists, so it is checked), else the address the connection came in on (HTTP/1.0).
 *
 * @throws XgError `HTTP_HOST` when the Host header is no host.
 */
export function requestBaseUrl(ctx: Pick<Context, 'req'>, publicUrl: string | null): string {
  if (publicUrl !== null) return publicUrl;
  const host = ctx.req.headers.host;
  if (host === undefined || host === '') return connectionBaseUrl(ctx.req.socket);
  if (!HOST.test(host)) {
    throw new XgError('HTTP_HOST', 'The Host header of the request is no host name or address with an optional port');
  }
  return `http://${host}`;
}

function connectionBaseUrl(socket: { localAddress?: string | undefined; localPort?: number | undefined }): string {
  const address = (socket.localAddress ?? '127.0.0.1').replace(/^::ffff:/, '');
  const host = address.includes(':') ? `[${address}]` : address;
  return `http://${host}:${socket.localPort ?? 80}`;
}
