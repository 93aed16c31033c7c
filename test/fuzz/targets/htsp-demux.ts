import { ProgrammeDemuxer } from '#daemon/tvheadend/htsp/demux/programme-demuxer.ts';
import { mutatedStream } from '../mutations/mutate.ts';
import { Random } from '../random.ts';
import { type FuzzTarget, mustHold } from '../target.ts';

/** A stream taken apart for HTSP: whatever comes, units belong to tracks that were told, and hold no more than came in. */
export const htspDemuxTarget: FuzzTarget = {
  name: 'htsp-demux',
  weight: 2,
  make(random, corpus) {
    return { options: { seed: random.word() }, bytes: mutatedStream(random, corpus, 400_000) };
  },
  run({ options, bytes }) {
    const random = new Random(Number(options['seed']));
    let told: ReadonlySet<number> = new Set();
    let out = 0;
    const demuxer = new ProgrammeDemuxer({
      onTracks: (tracks) => {
        told = new Set(tracks.map(({ index }) => index));
        mustHold(told.size === tracks.length, () => 'two tracks have one number');
      },
      onUnit: (unit) => {
        mustHold(told.has(unit.track), () => `a unit of track ${unit.track}, which was not told`);
        mustHold(Number.isFinite(unit.dts), () => 'a unit without a time');
        mustHold(unit.ticks >= 0 && Number.isFinite(unit.ticks), () => `a unit of ${unit.ticks} ticks`);
        out += unit.bytes.length;
      },
      onLoss: () => undefined,
    });
    const whole = bytes.length - (bytes.length % 188);
    for (let at = 0; at < whole; ) {
      const to = Math.min(whole, at + 188 * random.size(100));
      if (random.chance(0.02)) demuxer.discontinuity();
      demuxer.push(bytes.subarray(at, to));
      at = to;
    }
    return { bytesOut: out };
  },
};
