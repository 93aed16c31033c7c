/** A BenchBox in a process of its own. Argument: { sid, bitrate, channels }. */
import { BenchBox } from './bench-box.ts';
import { type BenchMediaOptions, benchMedia } from './bench-media.ts';
import { answerParent } from './child.ts';

export interface BoxPorts {
  readonly httpPort: number;
  readonly streamPort: number;
  readonly bitrate: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as BenchMediaOptions & { readonly channels: number };
const started = benchMedia(options).then(async ({ loop, bitrate }): Promise<BoxPorts> => {
  const box = new BenchBox({ loop, channels: options.channels, mode: 'paced' });
  await box.listen();
  return { httpPort: box.httpPort, streamPort: box.streamPort, bitrate };
});
answerParent<'ports', BoxPorts>(() => started);
