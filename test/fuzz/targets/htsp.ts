import { decodeMessage } from '#daemon/tvheadend/htsp/wire/decode.ts';
import { encodeMessage } from '#daemon/tvheadend/htsp/wire/encode.ts';
import type { HtsMap, HtsValue } from '#daemon/tvheadend/htsp/wire/message.ts';
import { MAX_REQUEST, MessageReader } from '#daemon/tvheadend/htsp/wire/message-reader.ts';
import { XgError } from '#shared/errors.ts';
import { flipBits, overwriteRun, truncate } from '../mutations/bytes.ts';
import { Random } from '../random.ts';
import { type FuzzTarget, mustHold } from '../target.ts';

const NAMES = ['method', 'seq', 'channelId', 'subscriptionId', 'digest', 'streams', '__proto__', 'ü', ''] as const;

function value(random: Random, depth: number): HtsValue {
  const kind = random.below(depth > 3 ? 3 : 5);
  if (kind === 0) return random.pick([0, 1, -1, 255, 65_536, 2 ** 32 - 1, 2 ** 40, -(2 ** 40), random.word()]);
  if (kind === 1) return 'x'.repeat(random.below(40));
  if (kind === 2) return random.bytes(random.below(200));
  if (kind === 3) return Array.from({ length: random.below(4) }, () => value(random, depth + 1));
  return map(random, depth + 1);
}

function map(random: Random, depth: number): HtsMap {
  const fields: Record<string, HtsValue> = Object.create(null);
  for (let count = random.below(6); count > 0; count--) fields[random.pick(NAMES)] = value(random, depth);
  return fields;
}

/** What a stranger sends to the HTSP port: whole messages are read as they were meant, anything else is refused. */
export const htspTarget: FuzzTarget = {
  name: 'htsp',
  weight: 2,
  make(random) {
    let bytes: Buffer = Buffer.concat(Array.from({ length: random.size(12) }, () => encodeMessage(map(random, 0))));
    if (random.chance(0.05)) bytes = random.bytes(random.size(20_000));
    if (random.chance(0.6)) bytes = Buffer.from(random.pick([flipBits, overwriteRun, truncate])(bytes, random));
    return { options: { seed: random.word() }, bytes };
  },
  run({ options, bytes }) {
    const random = new Random(Number(options['seed']));
    let read = 0;
    const reader = new MessageReader((message) => {
      read += message.length;
      const decoded = decodeMessage(message);
      const again = decodeMessage(encodeMessage(decoded).subarray(4));
      mustHold(JSON.stringify(again) === JSON.stringify(decoded), () => 'a message is another one when written again');
    });
    try {
      for (let at = 0; at < bytes.length; ) {
        const to = Math.min(bytes.length, at + random.size(3_000));
        reader.push(bytes.subarray(at, to));
        mustHold(reader.heldBytes <= MAX_REQUEST + 4 + 3_000, () => `${reader.heldBytes} bytes are held`);
        at = to;
      }
    } catch (error) {
      if (!(error instanceof XgError) || error.code !== 'HTSP_BROKEN') throw error;
    }
    return { bytesOut: read };
  },
};
