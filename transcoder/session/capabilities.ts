import { XgError } from '#shared/errors.ts';
import type { AacEncoderChoice, ControlResult } from '#shared/ipc/control.ts';
import { ffmpegCapabilities } from '../ffmpeg/capabilities.ts';

/**
 * What this transcoder can do, with the encoder that it was told to use.
 *
 * @throws XgError `FFMPEG_NO_ENCODER` where it has none of that name, or where `auto` finds none for low bit rates.
 */
export function transcoderCapabilities(aacEncoder: AacEncoderChoice): ControlResult<'capabilities'> {
  const { decoders, encoders: fromFfmpeg } = ffmpegCapabilities();
  const encoders = [...fromFfmpeg, 'xg2g'];
  if (fromFfmpeg.length === 0 || (aacEncoder !== 'auto' && !encoders.includes(aacEncoder))) {
    throw new XgError(
      'FFMPEG_NO_ENCODER',
      `this build of FFmpeg has no encoder ${aacEncoder === 'auto' ? 'for AAC' : aacEncoder}; there are: ${encoders.join(', ')}`,
    );
  }
  return { decoders, encoders, aacEncoder };
}
