import type { OnReadOpts } from 'node:net';

/**
 * One piece of memory that all sockets of the process read into, one after the other. Left to itself Node allocates
 * 64 KiB for every read, which at a few hundred reads a second keeps the garbage collector busy with nothing else.
 */
const BUFFER = Buffer.allocUnsafeSlow(256 * 1024);

/** `onread` of a client socket. What `onBytes` gets is overwritten by the next read of any socket. */
export function sharedReadBuffer(onBytes: (bytes: Buffer) => void): OnReadOpts {
  return {
    buffer: BUFFER,
    callback: (length) => {
      onBytes(BUFFER.subarray(0, length));
      return true;
    },
  };
}
