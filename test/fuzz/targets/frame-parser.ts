import { XgError } from '#shared/errors.ts';
import { encodeFrame, FRAME_TYPES, type FrameType, MAX_PAYLOAD, parseHello } from '#shared/ipc/frame.ts';
import { FrameParser } from '#shared/ipc/frame-parser.ts';
import { flipBits, overwriteRun, truncate } from '../mutations/bytes.ts';
import { Random } from '../random.ts';
import { type FuzzTarget, mustHold } from '../target.ts';

const TYPES = Object.keys(FRAME_TYPES) as FrameType[];
const EXPECTED_CODES: ReadonlySet<string> = new Set(['FRAME_UNKNOWN_TYPE', 'FRAME_TOO_LARGE']);

/** The stream socket's frame parser: whole frames come out as they went in, however split; anything else is refused. */
export const frameParserTarget: FuzzTarget = {
  name: 'frame-parser',
  weight: 2,
  make(random) {
    const frames = Array.from({ length: random.size(30) }, () =>
      encodeFrame(
        random.pick(TYPES) ?? 'data',
        random.bytes(random.below(random.pick([4, 300, 5_000]))),
        random.below(0x1_0000),
      ),
    );
    let bytes = random.chance(0.05) ? random.bytes(random.size(20_000)) : Buffer.concat(frames);
    const spoilt = random.chance(0.6);
    if (spoilt) bytes = Buffer.from(random.pick([flipBits, overwriteRun, truncate])(bytes, random));
    return { options: { seed: random.word() }, bytes };
  },
  run({ options, bytes }) {
    const random = new Random(Number(options['seed']));
    const rebuilt: Buffer[] = [];
    const parser = new FrameParser((frame) => {
      mustHold(frame.payload.length <= MAX_PAYLOAD, () => `a payload of ${frame.payload.length} bytes`);
      if (frame.type === 'hello') parseHello(frame.payload);
      const copy = encodeFrame(frame.type, frame.payload, frame.track);
      copy[5] = frame.flags;
      rebuilt.push(copy);
    });
    let at = 0;
    try {
      while (at < bytes.length) {
        const to = Math.min(bytes.length, at + random.size(3_000));
        parser.push(bytes.subarray(at, to));
        at = to;
      }
    } catch (error) {
      if (!(error instanceof XgError) || !EXPECTED_CODES.has(error.code)) throw error;
    }
    const read = Buffer.concat(rebuilt);
    mustHold(read.equals(bytes.subarray(0, read.length)), () => 'a frame is not what was sent');
    const whole = at >= bytes.length && parser.atFrameBoundary;
    mustHold(!whole || read.length === bytes.length, () => 'frames are missing');
    return { bytesOut: read.length };
  },
};
