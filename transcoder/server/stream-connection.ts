import type { Socket } from 'node:net';
import { XgError } from '#shared/errors.ts';
import type { StreamInfo } from '#shared/ipc/control.ts';
import {
  encodeFrame,
  encodeJsonFrame,
  FRAME_HEADER,
  type Frame,
  parseHello,
  STREAM_PROTOCOL_VERSION,
  writeFrameHead,
} from '#shared/ipc/frame.ts';
import { FrameParser } from '#shared/ipc/frame-parser.ts';
import { PACKET_SIZE } from '#shared/mpegts/packet.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Session } from '../session/session.ts';

/** What a connection needs of the sessions. */
export interface StreamSessions {
  claim(token: string): Session | null;
  close(token: string): boolean;
}

/** A connection that does not say who it is is closed. */
const HELLO_MS = 5_000;
/** Output the other side has not read. Beyond it whole pushes are dropped and a DISCONTINUITY says so. */
const MAX_UNSENT = 4 * 1024 * 1024;

type State =
  | { readonly name: 'hello'; readonly deadline: NodeJS.Timeout }
  | { readonly name: 'running'; readonly token: string; readonly session: Session }
  | { readonly name: 'closed' };

/** One connection of the stream socket: HELLO, then DATA both ways, until EOS, ERROR or the end of the connection. */
export class StreamConnection {
  readonly socket: Socket;
  readonly #sessions: StreamSessions;
  readonly #logger: Logger;
  readonly #parser: FrameParser;
  #state: State;
  #dropping = false;

  /** `open` makes the socket; what it reads comes to the function it is given, as views valid during the call. */
  constructor(open: (onBytes: (bytes: Buffer) => void) => Socket, sessions: StreamSessions, logger: Logger) {
    this.#sessions = sessions;
    this.#logger = logger;
    this.#parser = new FrameParser((frame) => this.#onFrame(frame));
    const deadline = setTimeout(() => this.#refuse('HELLO_TIMEOUT', `no HELLO within ${HELLO_MS} ms`), HELLO_MS);
    deadline.unref();
    this.#state = { name: 'hello', deadline };
    this.socket = open((bytes) => this.#onBytes(bytes));
    this.socket.on('error', (error) => this.#logger.debug({ err: error }, 'stream connection broke'));
    this.socket.on('close', () => this.#end());
  }

  #onBytes(bytes: Buffer): void {
    try {
      this.#parser.push(bytes);
    } catch (error) {
      if (error instanceof XgError) this.#refuse(error.code, error.message);
      else {
        this.#logger.error({ err: error }, 'stream connection failed');
        this.#refuse('INTERNAL', 'internal error');
      }
    }
  }

  #onFrame(frame: Frame): void {
    const state = this.#state;
    switch (state.name) {
      case 'hello':
        clearTimeout(state.deadline);
        this.#greet(frame);
        return;
      case 'running':
        this.#onStreamFrame(frame, state.session);
        return;
      case 'closed':
        return; // what came after the refusal is not for us
    }
  }

  #greet(frame: Frame): void {
    const hello = frame.type === 'hello' ? parseHello(frame.payload) : null;
    if (hello === null) {
      this.#refuse('BAD_HELLO', 'the first frame must be a HELLO with magic XG2G and a session token');
      return;
    }
    if (hello.version !== STREAM_PROTOCOL_VERSION) {
      const versions = `version ${hello.version}, this transcoder speaks ${STREAM_PROTOCOL_VERSION}`;
      this.#refuse('BAD_VERSION', `HELLO is of ${versions}: update both packages together`);
      return;
    }
    const session = this.#sessions.claim(hello.token);
    const attached = session?.attach({
      writePackets: (bytes, from) => this.#writePackets(bytes, from),
      writeInfo: (info) => this.#writeInfo(info),
      fail: (code, message) => this.#refuse(code, message),
    });
    if (session === null || attached !== true) {
      this.#refuse('BAD_TOKEN', 'no session waits for this token: open one on the control socket first');
      return;
    }
    this.#state = { name: 'running', token: hello.token, session };
  }

  #onStreamFrame(frame: Frame, session: Session): void {
    switch (frame.type) {
      case 'data':
        if (frame.payload.length % PACKET_SIZE !== 0) {
          this.#refuse(
            'BAD_DATA',
            `DATA of ${frame.payload.length} bytes is no whole number of ${PACKET_SIZE}-byte packets`,
          );
          return;
        }
        session.push(frame.payload);
        return;
      case 'discontinuity':
        session.discontinuity();
        return;
      case 'flush':
        session.flush();
        return;
      case 'eos':
        session.finish();
        this.socket.end(encodeFrame('eos'));
        return;
      case 'error':
        this.socket.destroy();
        return;
      case 'hello':
      case 'info':
      case 'init':
      case 'part':
      case 'segment':
        this.#refuse('UNEXPECTED_FRAME', `a frame of type ${frame.type} is not expected here`);
    }
  }

  /** `FRAME_HEADER` bytes before the packets are free. */
  #writePackets(bytes: Buffer, from: number): boolean {
    if (this.socket.writableLength > MAX_UNSENT) {
      this.#dropping = true;
      if (this.#state.name === 'running') this.#state.session.countOutputDrop();
      return true;
    }
    if (this.#dropping) {
      this.#dropping = false;
      this.socket.write(encodeJsonFrame('discontinuity', { reason: 'reader-too-slow' }));
    }
    writeFrameHead(bytes, from - FRAME_HEADER, 'data', bytes.length - from);
    this.socket.write(from === FRAME_HEADER ? bytes : bytes.subarray(from - FRAME_HEADER));
    return this.socket.writableLength === 0;
  }

  #writeInfo(info: StreamInfo): void {
    this.socket.write(encodeJsonFrame('info', info));
  }

  /** Says why and closes. Also the session's own way out. */
  #refuse(code: string, message: string): void {
    if (this.#state.name === 'closed') return;
    this.#logger.warn({ code }, `stream connection closed: ${message}`);
    this.#end();
    this.socket.end(encodeJsonFrame('error', { code, message }));
  }

  #end(): void {
    const state = this.#state;
    this.#state = { name: 'closed' };
    if (state.name === 'hello') clearTimeout(state.deadline);
    if (state.name === 'running') this.#sessions.close(state.token);
  }
}
