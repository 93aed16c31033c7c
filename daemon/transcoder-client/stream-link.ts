import { connect, type Socket } from 'node:net';
import { errorMessage, XgError } from '#shared/errors.ts';
import { type StreamError, type StreamInfo, streamErrorSchema, streamInfoSchema } from '#shared/ipc/control.ts';
import { encodeFrame, encodeHello, encodeJsonFrame, type Frame, frameHead, MAX_PAYLOAD } from '#shared/ipc/frame.ts';
import { FrameParser } from '#shared/ipc/frame-parser.ts';
import { sharedReadBuffer } from '#shared/ipc/read-buffer.ts';
import { PACKET_SIZE } from '#shared/mpegts/packet.ts';

/** Bytes towards the transcoder that wait behind its socket; beyond it the oldest packets are dropped. */
const MAX_QUEUED = 4 * 1024 * 1024;
const MAX_DATA = Math.floor(MAX_PAYLOAD / PACKET_SIZE) * PACKET_SIZE;

export interface StreamLinkListener {
  /** Whole packets; a view, valid during the call. */
  onPackets(packets: Buffer): void;
  onInfo(info: StreamInfo): void;
  /** The transcoder left something out. */
  onDiscontinuity(): void;
  /** The link is over; `error` says why, null after `close` or the transcoder's EOS. Called once. */
  onEnd(error: XgError | null): void;
}

/** One session's connection on the stream socket. */
export class StreamLink {
  readonly #socket: Socket;
  readonly #listener: StreamLinkListener;
  readonly #parser: FrameParser;
  /** Packets, and interruptions between them by their reason, that wait for the socket to drain. */
  #queue: (Buffer | string)[] = [];
  #queuedBytes = 0;
  /** Packets were dropped from the head of the queue: a DISCONTINUITY has to go before the rest. */
  #gapBeforeQueue = false;
  #droppedBytes = 0;
  #ended = false;
  #cause: XgError | null = null;

  constructor(path: string, token: string, listener: StreamLinkListener) {
    this.#listener = listener;
    this.#parser = new FrameParser((frame) => this.#onFrame(frame));
    this.#socket = connect({ path, onread: sharedReadBuffer((bytes) => this.#onBytes(bytes)) });
    this.#socket.write(encodeHello(token));
    this.#socket.on('drain', () => this.#flush());
    this.#socket.on('error', (error) =>
      this.#fail(new XgError('TRANSCODER_DOWN', errorMessage(error), { cause: error })),
    );
    this.#socket.on('close', () => {
      this.#fail(new XgError('TRANSCODER_DOWN', 'the transcoder closed the stream'));
    });
  }

  /** Bytes dropped because the transcoder did not keep up. */
  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  /** Written and not sent yet. */
  get pendingBytes(): number {
    return this.#queuedBytes + this.#socket.writableLength;
  }

  /** Sends whole packets. The buffer must not be written again while `pendingBytes` says that something waits. */
  write(packets: Buffer): void {
    if (this.#ended) return;
    if (!this.#socket.writableNeedDrain && this.#queue.length === 0) {
      this.#send(packets);
      return;
    }
    this.#queue.push(packets);
    this.#queuedBytes += packets.length;
    while (this.#queuedBytes > MAX_QUEUED && this.#queue.length > 1) {
      const dropped = this.#queue.shift();
      this.#gapBeforeQueue = true;
      if (typeof dropped !== 'object') continue;
      this.#queuedBytes -= dropped.length;
      this.#droppedBytes += dropped.length;
    }
  }

  /** The source was interrupted here. */
  discontinuity(reason: string): void {
    if (this.#ended) return;
    if (this.#queue.length > 0) this.#queue.push(reason);
    else this.#writeDiscontinuity(reason);
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#queue = [];
    this.#socket.end(encodeFrame('eos'));
    this.#socket.destroySoon();
    this.#listener.onEnd(null);
  }

  #writeDiscontinuity(reason: string): void {
    this.#socket.write(encodeJsonFrame('discontinuity', { reason }));
  }

  #send(packets: Buffer): void {
    this.#socket.cork();
    for (let from = 0; from < packets.length; from += MAX_DATA) {
      const part = packets.subarray(from, Math.min(packets.length, from + MAX_DATA));
      this.#socket.write(frameHead('data', part.length));
      this.#socket.write(part);
    }
    this.#socket.uncork();
  }

  #flush(): void {
    if (this.#gapBeforeQueue) {
      this.#gapBeforeQueue = false;
      this.#writeDiscontinuity('transcoder-too-slow');
    }
    while (this.#queue.length > 0 && !this.#socket.writableNeedDrain) {
      const next = this.#queue.shift() as Buffer | string;
      if (typeof next === 'string') {
        this.#writeDiscontinuity(next);
        continue;
      }
      this.#queuedBytes -= next.length;
      this.#send(next);
    }
  }

  #onBytes(bytes: Buffer): void {
    try {
      this.#parser.push(bytes);
    } catch (error) {
      this.#fail(error instanceof XgError ? error : new XgError('INTERNAL', errorMessage(error), { cause: error }));
    }
  }

  #onFrame(frame: Frame): void {
    if (this.#ended) return;
    switch (frame.type) {
      case 'data':
        this.#listener.onPackets(frame.payload);
        return;
      case 'discontinuity':
        this.#listener.onDiscontinuity();
        return;
      case 'info':
        this.#listener.onInfo(parseJson(frame, streamInfoSchema.parse));
        return;
      case 'error': {
        const error = parseJson<StreamError>(frame, streamErrorSchema.parse);
        this.#fail(new XgError(error.code, `transcoder: ${error.message}`));
        return;
      }
      case 'eos':
        this.close();
        return;
      case 'hello':
      case 'flush':
      case 'init':
      case 'part':
      case 'segment':
        this.#fail(new XgError('UNEXPECTED_FRAME', `the transcoder sent a frame of type ${frame.type}`));
    }
  }

  /** First cause wins. */
  #fail(error: XgError): void {
    this.#cause ??= error;
    if (this.#ended) return;
    this.#ended = true;
    this.#queue = [];
    this.#socket.destroy();
    this.#listener.onEnd(this.#cause);
  }
}

/** @throws XgError `TRANSCODER_BAD_ANSWER` when the payload is not the JSON agreed on. */
function parseJson<T>(frame: Frame, parse: (value: unknown) => T): T {
  try {
    return parse(JSON.parse(frame.payload.toString('utf8')));
  } catch (error) {
    throw new XgError('TRANSCODER_BAD_ANSWER', `the transcoder's ${frame.type} frame is not as agreed`, {
      cause: error,
    });
  }
}
