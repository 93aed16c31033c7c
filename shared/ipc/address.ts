import { join } from 'node:path';
import { XgError } from '../errors.ts';

/** Where the transcoder listens: a folder with the two sockets, or (Pattern 1) a host. */
export interface TranscoderSockets {
  readonly control: string;
  readonly stream: string;
}

/**
 * Reads `XG2G_TRANSCODER_URL`, such as `unix:/run/xg2g`.
 *
 * @throws XgError `TRANSCODER_URL` when it names no absolute folder.
 */
export function transcoderSockets(url: string): TranscoderSockets {
  const match = /^unix:(?:\/\/)?(\/.*)$/.exec(url);
  if (match?.[1] === undefined) {
    throw new XgError('TRANSCODER_URL', `XG2G_TRANSCODER_URL is "${url}", expected unix:/absolute/folder`, {
      data: { url },
    });
  }
  return { control: join(match[1], 'control.sock'), stream: join(match[1], 'stream.sock') };
}
