import {
  controlRequestSchema,
  controlResponseSchema,
  controlResultSchemas,
  readMessage,
  streamErrorSchema,
  streamInfoSchema,
} from '#shared/ipc/control.ts';
import type { Random } from '../random.ts';
import { type FuzzTarget, mustHold } from '../target.ts';

const SCHEMAS = [
  controlRequestSchema,
  controlResponseSchema,
  streamErrorSchema,
  streamInfoSchema,
  ...Object.values(controlResultSchemas),
];

const REQUESTS: readonly unknown[] = [
  { method: 'hello', params: { version: 1, build: 'x' } },
  { method: 'stats', params: {} },
  {
    method: 'session.open',
    params: {
      id: 'a',
      program: 1,
      audio: { mode: 'aac', bitrate: 192_000, channels: 'stereo', language: null, loudness: false, night: false },
      traceparent: null,
    },
  },
  { method: 'session.close', params: { token: 'abc' } },
  { ok: true, result: { token: 'abc' } },
  { program: 1, tracks: [{ pid: 1, codec: 'ac3', action: 'pass', language: 'deu', addedPid: null, role: null }] },
];

/** Any JSON value; also numbers and keys that people forget. */
function anyValue(random: Random, depth: number): unknown {
  switch (random.below(depth <= 0 ? 5 : 8)) {
    case 0:
      return null;
    case 1:
      return random.pick([0, -0, -1, 1.5, 2 ** 53, 1e308, random.word(), 0x1_0000]);
    case 2:
      return random.chance(0.5);
    case 3:
      return random.bytes(random.below(random.pick([4, 200]))).toString('latin1');
    case 4:
      return random.pick(['aac', 'pass', 'session.open', '__proto__', '\u0000', '\ud800', 'constructor']);
    case 5:
      return Array.from({ length: random.below(5) }, () => anyValue(random, depth - 1));
    default: {
      const keys = ['method', 'params', 'id', 'ok', 'result', 'constructor', 'toString', 'length'];
      return Object.fromEntries(keys.filter(() => random.chance(0.4)).map((key) => [key, anyValue(random, depth - 1)]));
    }
  }
}

/** One place in it becomes something else, or goes. */
function spoil(value: unknown, random: Random): unknown {
  if (random.chance(0.25) || typeof value !== 'object' || value === null) return anyValue(random, 2);
  if (Array.isArray(value)) return value.map((item) => (random.chance(0.5) ? spoil(item, random) : item));
  const key = random.pick(Object.keys(value));
  const entries = Object.entries(value).filter(([name]) => name !== key || random.chance(0.8));
  return Object.fromEntries(entries.map(([name, item]) => [name, name === key ? spoil(item, random) : item]));
}

/** The schemas of the control socket: they judge, they do not throw, and what they accept they give back. */
export const controlTarget: FuzzTarget = {
  name: 'control',
  weight: 1,
  make(random) {
    const value = random.chance(0.3) ? anyValue(random, 5) : spoil(random.pick(REQUESTS), random);
    return { options: {}, bytes: Buffer.from(JSON.stringify(value), 'utf8') };
  },
  run({ bytes }) {
    const text = bytes.toString('utf8');
    const value: unknown = JSON.parse(text);
    for (const schema of SCHEMAS) {
      const read = readMessage<unknown>(schema, value);
      if (!read.ok) continue;
      mustHold(
        readMessage<unknown>(schema, read.value).ok,
        () => `what came out of a schema does not go in again: ${text}`,
      );
    }
    const request = readMessage(controlRequestSchema, value);
    mustHold(!request.ok || JSON.stringify(request.value).length <= text.length, () => `a request grew: ${text}`);
    return { bytesOut: 0 };
  },
};
