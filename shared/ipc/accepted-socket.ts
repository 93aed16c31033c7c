import { type OnReadOpts, Socket } from 'node:net';
import { sharedReadBuffer } from './read-buffer.ts';

/** What net.Socket takes besides what its types tell: the handle of a connection that stands. */
interface AcceptedSocketOptions {
  readonly handle: object;
  readonly allowHalfOpen: boolean;
  readonly onread: OnReadOpts;
}

/**
 * A server's connection, accepted with `pauseOnConnect`, as a socket that reads into the memory all sockets share; Node
 * offers that for client sockets only. What `onBytes` gets is overwritten by the next read. Where this Node keeps its
 * handles elsewhere the connection itself is used, and works the same at the price of garbage.
 */
export function readShared(accepted: Socket, onBytes: (bytes: Buffer) => void): Socket {
  const holder = accepted as unknown as { _handle: object | null | undefined };
  const handle = holder._handle;
  if (handle === null || handle === undefined) {
    accepted.on('data', onBytes);
    accepted.resume();
    return accepted;
  }
  holder._handle = null;
  const options: AcceptedSocketOptions = { handle, allowHalfOpen: false, onread: sharedReadBuffer(onBytes) };
  const socket = new Socket(options as unknown as ConstructorParameters<typeof Socket>[0]);
  socket.setNoDelay(true);
  // The server counts the connection by the object that it made.
  socket.once('close', () => accepted.destroy());
  return socket;
}
