/** Elementary streams as the ffmpeg program makes them, and its opinion of what sounds in others. */
import { runFfmpeg } from '#test/helpers/ffmpeg-program.ts';

export interface EncodedFields {
  /** Encoder of the ffmpeg program. */
  readonly codec: string;
  /** Its muxer for the elementary stream. */
  readonly format: string;
  readonly options?: readonly string[];
  /** Default: pink noise, different at every instant. */
  readonly source?: string;
  readonly seconds?: number;
}

const NOISE = 'anoisesrc=color=pink:seed=7:amplitude=0.4:sample_rate=48000';

export async function encoded(fields: EncodedFields): Promise<Buffer> {
  const { codec, format, options = [], source = NOISE, seconds = 1 } = fields;
  const args = ['-v', 'error', '-f', 'lavfi', '-i', source, '-t', String(seconds), '-c:a', codec, ...options];
  const { code, stdout, stderr } = await runFfmpeg({ command: 'ffmpeg', args: [...args, '-f', format, 'pipe:1'] });
  if (code !== 0) throw new Error(`ffmpeg: ${stderr}`);
  return stdout;
}

/** What sounds in an elementary stream: interleaved 32-bit floats in the stream's own rate and channels. */
export async function decodedPcm(stream: Uint8Array, format: string): Promise<Buffer> {
  const { stdout, stderr } = await runFfmpeg({
    command: 'ffmpeg',
    args: ['-v', 'error', '-f', format, '-i', 'pipe:0', '-f', 'f32le', '-c:a', 'pcm_f32le', 'pipe:1'],
    input: stream,
  });
  if (stderr.trim() !== '') throw new Error(`ffmpeg: ${stderr}`);
  return stdout;
}
