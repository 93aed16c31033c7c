import { FFmpegError } from 'node-av/lib';
import { XgError } from '#shared/errors.ts';

/** Throws XgError `FFMPEG` for a negative return code; `what` names the call in plain words. */
export function throwOnFailure(code: number, what: string): void {
  if (code >= 0) return;
  const reason = new FFmpegError(code).message;
  throw new XgError('FFMPEG', `${what} failed: ${reason}`, { data: { code } });
}
