import { parseAc3Header } from '#shared/codec/ac3.ts';
import { parseAdtsHeader } from '#shared/codec/adts.ts';
import type { AudioHeaderParser } from '#shared/codec/audio-frame.ts';
import { FrameSplitter } from '#shared/codec/frame-splitter.ts';
import { parseLoasHeader } from '#shared/codec/loas.ts';
import { parseMpegAudioHeader } from '#shared/codec/mpeg-audio.ts';
import { flipBits, overwriteRun } from '../mutations/bytes.ts';
import { Random } from '../random.ts';
import { type FuzzTarget, mustHold } from '../target.ts';

const PARSERS = {
  'mpeg-audio': { parse: parseMpegAudioHeader, sync: [0xff, 0xfd] },
  ac3: { parse: parseAc3Header, sync: [0x0b, 0x77] },
  adts: { parse: parseAdtsHeader, sync: [0xff, 0xf1] },
  loas: { parse: parseLoasHeader, sync: [0x56, 0xe0] },
} as const satisfies Record<string, { readonly parse: AudioHeaderParser; readonly sync: readonly number[] }>;
type ParserName = keyof typeof PARSERS;

/** The audio codecs' header parsers and the splitter above them. */
export const frameSplitterTarget: FuzzTarget = {
  name: 'frame-splitter',
  weight: 3,
  make(random) {
    const name = random.pick(Object.keys(PARSERS) as ParserName[]) ?? 'ac3';
    // Repeated, so that a header which fits is followed by another where it says, now and then.
    const frame = Buffer.concat([
      Buffer.from(PARSERS[name].sync),
      random.bytes(random.below(random.pick([8, 200, 2_000]))),
    ]);
    let bytes: Buffer = Buffer.concat(Array.from({ length: random.size(40) }, () => frame));
    if (random.chance(0.2)) bytes = random.bytes(random.size(30_000));
    if (random.chance(0.5)) bytes = Buffer.from(random.pick([flipBits, overwriteRun])(bytes, random));
    return { options: { parser: name, seed: random.word() }, bytes };
  },
  run({ options, bytes }) {
    const random = new Random(Number(options['seed']));
    const { parse } = PARSERS[options['parser'] as ParserName];
    let frameBytes = 0;
    let junkBytes = 0;
    let lostBytes = 0;
    let next = 0;
    const splitter = new FrameSplitter(
      parse,
      ({ bytes: frame, header, position }) => {
        mustHold(frame.length === header.length && frame.length > 0, () => `a frame of ${frame.length} bytes`);
        mustHold(position >= next, () => `a frame at ${position}, after ${next}`);
        mustHold(header.sampleRate >= 0 && header.samples >= 0, () => `${header.samples} at ${header.sampleRate} Hz`);
        next = position + frame.length;
        frameBytes += frame.length;
      },
      (junk) => {
        junkBytes += junk;
      },
    );
    const padded = Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(5)]); // offsets are not zero
    for (let at = 0; at < bytes.length; ) {
      const to = Math.min(bytes.length, at + random.size(2_000));
      splitter.push(padded, at + 3, to + 3);
      at = to;
      if (random.chance(0.01)) {
        const lost = random.below(2_000);
        splitter.loseBytes(lost);
        lostBytes += lost;
      }
    }
    splitter.finish();
    mustHold(frameBytes + junkBytes === bytes.length, () => `${frameBytes} + ${junkBytes} of ${bytes.length} bytes`);
    mustHold(splitter.writePosition === bytes.length + lostBytes, () => `position ${splitter.writePosition}`);
    return { bytesOut: frameBytes };
  },
};
