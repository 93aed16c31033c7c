import { startGateway } from '#test/e2e/support/gateway.ts';
import { atMost, type BenchContext, type PartResult, plain } from '../part.ts';
import { median } from '../processes.ts';
import { measureStart } from '../start.ts';

/** How soon a channel plays, from cold and when somebody watches it already. */
export async function startPart({ say }: BenchContext): Promise<PartResult> {
  const teardowns: (() => unknown)[] = [];
  say('starting channels …');
  try {
    const gateway = await startGateway({ teardown: (fn) => teardowns.push(fn) }, { env: { XG2G_STREAM_LINGER: '0s' } });
    const start = await measureStart(gateway);
    return {
      data: start,
      figures: [
        plain('cold channel, first byte', `${median(start.coldFirstByteMs).toFixed(0)} ms`),
        plain(
          'cold channel, first picture',
          `${median(start.coldPictureMs).toFixed(0)} ms (a GOP of the source is 1 s)`,
        ),
        plain('running channel, first byte', `${median(start.warmFirstByteMs).toFixed(1)} ms`),
        atMost('running channel, first picture', median(start.warmPictureMs), 50, 'ms'),
      ],
    };
  } finally {
    for (const teardown of teardowns.toReversed()) await teardown();
  }
}
