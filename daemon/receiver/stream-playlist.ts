import { z } from 'zod';
import type { StreamTarget } from './model.ts';

/** What the caller knows of the receiver: the playlist alone does not say it. */
export interface StreamPlaylistContext {
  /** Of the web interface; its host replaces 127.0.0.1, localhost and relative URLs. */
  readonly baseUrl: URL;
  /** Where 8001 is to be reached; boxes write 8001 whatever lies between. */
  readonly streamPort: number;
  readonly relayPort: number;
  /** As the box wants it; completes a URL that lost it. */
  readonly ref: string;
  readonly user: string | null;
  readonly pass: string | null;
}

const BOX_STREAM_PORT = 8001;
const OWN_HOST = /^(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\])$/i;
const REFERENCE_PATH = /^\/\d+:\d+:(?:[0-9a-f]+:){5,}/i;
const MAX_LINES = 64;

const programNumber = z.coerce.number().int().min(1).max(0xffff);

/**
 * The effective URL from the M3U that `/web/stream.m3u` answers: the first line that is a URL, with the programme hint
 * before it (`#EXTVLCOPT:program=N`). Null when no line is one.
 */
export function parseStreamPlaylist(text: string, context: StreamPlaylistContext): StreamTarget | null {
  let programHint: number | null = null;
  for (const line of text.split(/\r?\n/, MAX_LINES).map((raw) => raw.trim())) {
    const hint = /^#EXTVLCOPT:program=(\d+)/i.exec(line)?.[1];
    if (hint !== undefined) programHint = programNumber.safeParse(hint).data ?? programHint;
    if (line === '' || line.startsWith('#')) continue;
    const url = parseUrl(line, context);
    if (url !== null) return targetOf(url, programHint, context);
  }
  return null;
}

/** The target on the stream server itself, for boxes whose web interface has no `stream.m3u`. */
export function directTarget(context: StreamPlaylistContext): StreamTarget {
  const url = new URL(`http://${context.baseUrl.hostname}:${context.streamPort}/${context.ref}`);
  return targetOf(url, null, context);
}

/**
 * `udp://[@]host:port` or `rtp://…`, as bouquets have it: where the packets arrive. Null for anything else. The `@` that
 * some players want before a group means nothing here.
 */
export function datagramTarget(address: string): StreamTarget | null {
  const parts = /^(udp|rtp):\/\/(?:[^@/]*@)?(\[[0-9a-f:.]+\]|[^:/?#@]+):(\d{1,5})(?:[/?#]|$)/i.exec(address);
  const [, scheme, host, port] = parts ?? [];
  if (scheme === undefined || host === undefined || Number(port) < 1 || Number(port) > 0xffff) return null;
  return {
    kind: 'datagram',
    scheme: scheme.toLowerCase() === 'rtp' ? 'rtp' : 'udp',
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port),
    path: '',
    programHint: null,
  };
}

function parseUrl(line: string, context: StreamPlaylistContext): URL | null {
  if (line.startsWith('/') && !line.startsWith('//')) {
    // A bare reference lives on the stream server, any other path on the web interface.
    const isReference = REFERENCE_PATH.test(line.replace(/%3a/gi, ':'));
    const base = isReference ? `http://${context.baseUrl.hostname}:${context.streamPort}` : context.baseUrl.origin;
    return URL.parse(`${base}${line}`);
  }
  return /^https?:\/\//i.test(line) ? URL.parse(line) : null;
}

function targetOf(url: URL, programHint: number | null, context: StreamPlaylistContext): StreamTarget {
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const ownHost = OWN_HOST.test(url.hostname);
  const host = ownHost ? context.baseUrl.hostname : url.hostname;
  const onReceiver = ownHost || host === context.baseUrl.hostname;
  const boxPort = url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port);
  const lostReference = onReceiver && url.pathname === '/';
  const path = lostReference ? `/${context.ref}${url.search}` : `${url.pathname}${url.search}`;

  const kind = kindOf(path, boxPort, context);
  const port = kind === 'e2-stream' && boxPort === BOX_STREAM_PORT ? context.streamPort : boxPort;
  const target = { kind, scheme, host: host.replace(/^\[|\]$/g, ''), port, path, programHint } as const;
  if (kind === 'relay') return target;
  // Ours first: what the box writes into the URL may be a one-time session password.
  if (kind === 'e2-stream' && context.user !== null) {
    return { ...target, user: context.user, pass: context.pass ?? '' };
  }
  if (url.username === '') return target;
  return { ...target, user: decodePart(url.username), pass: decodePart(url.password) };
}

/** A `%` that escapes nothing stands for itself. */
function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function kindOf(path: string, port: number, context: StreamPlaylistContext): StreamTarget['kind'] {
  if (port === context.relayPort) return 'relay';
  return REFERENCE_PATH.test(path.replace(/%3a/gi, ':')) ? 'e2-stream' : 'http';
}
