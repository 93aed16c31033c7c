import { errorCode, errorMessage, XgError } from '#shared/errors.ts';
import type { StreamTarget } from '../receiver/model.ts';
import { HlsFollower, MAX_PLAYLIST_BYTES } from './hls-follower.ts';
import { isPlaylist } from './hls-playlist.ts';
import type { UpstreamConnection, UpstreamListener, UpstreamTimeouts } from './upstream.ts';
import { judgeBody } from './upstream-head.ts';
import { type WebAnswer, WebSource } from './web-source.ts';

/** Enough to tell a playlist from a stream. */
const MAGIC = '#EXTM3U';

type State =
  | { readonly name: 'opening' }
  /** The first bytes say what it is: a stream, or a playlist that has to be read to its end. */
  | { readonly name: 'judging'; readonly bytes: Buffer }
  | { readonly name: 'flowing' }
  | { readonly name: 'following'; readonly follower: HlsFollower }
  | { readonly name: 'ended' };

/** A stream of the internet: a transport stream over HTTP or HTTPS, or HLS where the address turns out to be a playlist. */
export class HttpUpstream implements UpstreamConnection {
  readonly #address: string;
  readonly #listener: UpstreamListener;
  readonly #timeouts: UpstreamTimeouts;
  readonly #web: WebSource;
  readonly #abort = new AbortController();
  #state: State = { name: 'opening' };
  #timer: NodeJS.Timeout | null = null;

  constructor(target: StreamTarget, listener: UpstreamListener, timeouts: UpstreamTimeouts) {
    this.#address = `${target.host}:${target.port}`;
    this.#listener = listener;
    this.#timeouts = timeouts;
    this.#web = new WebSource({
      connectMs: timeouts.connectMs,
      headersMs: timeouts.firstByteMs,
      idleMs: 0, // ours: it has to hold for playlists and segments too
    });
    this.#arm(timeouts.firstByteMs, 'TUNE_TIMEOUT', 'sent no byte of the stream');
    this.#open(urlOf(target)).catch((error: unknown) => {
      this.#finish(error instanceof XgError ? error : new XgError('INTERNAL', errorMessage(error), { cause: error }));
    });
  }

  close(): void {
    this.#finish(null);
  }

  async #open(url: URL): Promise<void> {
    const answer = await this.#web.open(url, this.#abort.signal);
    answer.body.on('error', (error) => this.#onBodyEnd(error));
    if (this.#state.name === 'ended') {
      answer.body.destroy();
      return;
    }
    this.#listener.onConnect?.();
    this.#state = { name: 'judging', bytes: Buffer.alloc(0) };
    // Read without a pause: providers drop those who stall, as the receiver does.
    answer.body.on('data', (bytes: Buffer) => this.#onData(bytes, answer));
    answer.body.on('end', () => this.#onEnd(answer));
  }

  #onData(bytes: Buffer, answer: WebAnswer): void {
    if (this.#state.name === 'flowing') {
      this.#timer?.refresh();
      this.#listener.onBytes(bytes);
    } else if (this.#state.name === 'judging') this.#judge(Buffer.concat([this.#state.bytes, bytes]), answer, false);
  }

  #judge(bytes: Buffer, answer: WebAnswer, ended: boolean): void {
    const start = bytes.toString('latin1', 0, MAGIC.length);
    if (isPlaylist(start) || /mpegurl/i.test(answer.contentType) || (MAGIC.startsWith(start) && !ended)) {
      if (bytes.length > MAX_PLAYLIST_BYTES)
        this.#finish(this.#error('UPSTREAM_BAD_ANSWER', 'sent an endless playlist'));
      else if (ended) this.#follow(bytes, answer);
      else this.#state = { name: 'judging', bytes };
      return;
    }
    const verdict = judgeBody(bytes, ended, this.#address);
    if (verdict instanceof XgError) this.#finish(verdict);
    else if (verdict === 'more') this.#state = { name: 'judging', bytes };
    else this.#flow(bytes);
  }

  #flow(bytes: Buffer): void {
    this.#state = { name: 'flowing' };
    this.#arm(this.#timeouts.stallMs, 'UPSTREAM_STALLED', 'stopped sending');
    this.#listener.onBytes(bytes);
  }

  #follow(bytes: Buffer, { url }: WebAnswer): void {
    const follower = new HlsFollower(this.#web, {
      onBytes: (part) => {
        this.#disarm(); // from here on the follower knows when a playlist is dead
        this.#listener.onBytes(part);
      },
      onBreak: (reason) => this.#listener.onBreak?.(reason),
      onEnd: (error) => this.#finish(error ?? this.#error('UPSTREAM_CLOSED', 'has ended its HLS stream')),
    });
    this.#state = { name: 'following', follower };
    follower.start(url, bytes.toString('utf8'));
  }

  #onEnd(answer: WebAnswer): void {
    if (this.#state.name === 'judging') this.#judge(this.#state.bytes, answer, true);
    if (this.#state.name === 'flowing') this.#finish(this.#error('UPSTREAM_CLOSED', 'closed the stream'));
  }

  #onBodyEnd(error: Error): void {
    if (this.#state.name === 'following') return;
    this.#finish(this.#error('UPSTREAM_CLOSED', `broke the stream off (${errorCode(error)})`));
  }

  #error(code: string, what: string): XgError {
    return new XgError(code, `${this.#address} ${what}`, { data: { address: this.#address } });
  }

  #arm(ms: number, code: string, what: string): void {
    this.#disarm();
    this.#timer = setTimeout(() => this.#finish(this.#error(code, `${what} within ${ms / 1000} s`)), ms);
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** First cause wins. */
  #finish(error: XgError | null): void {
    if (this.#state.name === 'ended') return;
    const follower = this.#state.name === 'following' ? this.#state.follower : null;
    this.#state = { name: 'ended' };
    this.#disarm();
    follower?.close();
    this.#abort.abort(new XgError('STREAM_CLOSED', 'nobody wants this stream any more'));
    this.#web.close();
    this.#listener.onEnd(error);
  }
}

function urlOf({ scheme, host, port, path, user, pass }: StreamTarget): URL {
  const url = new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`);
  url.username = encodeURIComponent(user ?? '');
  url.password = encodeURIComponent(pass ?? '');
  return url;
}
