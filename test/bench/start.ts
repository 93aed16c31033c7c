import { request } from 'undici';
import { isAccessPoint } from '#daemon/streams/access-point.ts';
import { pidAt } from '#shared/mpegts/packet.ts';
import { asPid } from '#shared/mpegts/types.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import type { Gateway } from '../e2e/support/gateway.ts';

export interface StartFigures {
  readonly coldFirstByteMs: number[];
  readonly coldPictureMs: number[];
  readonly warmFirstByteMs: number[];
  readonly warmPictureMs: number[];
}

const VIDEO_PID = asPid(7201);
const ROUNDS = 7;

/** Opens a stream and notes when its first byte and the first packet of a picture that stands alone are there. */
async function open(url: string): Promise<{ firstByteMs: number; pictureMs: number; close: () => void }> {
  const abort = new AbortController();
  const startedAt = performance.now();
  const { body } = await request(url, { signal: abort.signal });
  let firstByteMs: number | null = null;
  let rest = Buffer.alloc(0);
  for await (const chunk of body) {
    firstByteMs ??= performance.now() - startedAt;
    rest = Buffer.concat([rest, chunk]);
    let at = 0;
    for (; at + 188 <= rest.length; at += 188) {
      if (pidAt(rest, at) === VIDEO_PID && isAccessPoint('h264', rest, at)) {
        const pictureMs = performance.now() - startedAt;
        return { firstByteMs, pictureMs, close: () => abort.abort() };
      }
    }
    rest = rest.subarray(at);
  }
  throw new Error(`${url} ended before a picture came`);
}

/** Cold: the channel is opened for it (the simulated box tunes in 0 ms). Warm: somebody watches already. */
export async function measureStart(gateway: Gateway): Promise<StartFigures> {
  const figures: StartFigures = { coldFirstByteMs: [], coldPictureMs: [], warmFirstByteMs: [], warmPictureMs: [] };
  const url = gateway.streamUrl('plain');
  for (let round = 0; round < ROUNDS; round++) {
    await eventually(() => gateway.receiver.stats.openConnections === 0, { what: 'the channel to be released' });
    const cold = await open(url);
    figures.coldFirstByteMs.push(cold.firstByteMs);
    figures.coldPictureMs.push(cold.pictureMs);
    const warm = await open(url);
    figures.warmFirstByteMs.push(warm.firstByteMs);
    figures.warmPictureMs.push(warm.pictureMs);
    cold.close();
    warm.close();
  }
  return figures;
}
