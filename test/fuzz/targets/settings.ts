import { loadConfig } from '#daemon/config/load.ts';
import { CONFIG_KEYS } from '#daemon/config/schema.ts';
import { XgError } from '#shared/errors.ts';
import { transcoderSockets } from '#shared/ipc/address.ts';
import { inheritedSockets } from '#shared/ipc/listen-fds.ts';
import { flipBits, overwriteRun, truncate } from '../mutations/bytes.ts';
import { Random } from '../random.ts';
import { type FuzzTarget, mustHold } from '../target.ts';

const CODES: ReadonlySet<string> = new Set(['CONFIG_INVALID', 'CONFIG_MISSING', 'LISTEN_FDS', 'TRANSCODER_URL']);

const YAML = `# xg2g
receiver:
  host: 192.168.1.20
  streamPort: 8001
  password: "a: b"
lineup:
  bouquets: [Eins, "Zwei", &a drei, *a]
  refreshInterval: 5m
guide: { days: 7 }
http:
  listen: "0.0.0.0:8080"
streams:
  linger: 5s
`;

const PIECES = [
  '1',
  '3',
  '64',
  '-1',
  '1e3',
  ' ',
  '',
  ':',
  '::',
  'http',
  'unix:',
  '/',
  'true',
  '5s',
  '\u0000',
  'é',
  '0x10',
];

function anyText(random: Random): string {
  return Array.from({ length: random.below(6) }, () => random.pick(PIECES) ?? '').join('');
}

function onlyOurs<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof XgError && CODES.has(error.code)) return null;
    throw error;
  }
}

/** Configuration file, environment, and the sockets that systemd hands over: a clear error, never a crash. */
export const settingsTarget: FuzzTarget = {
  name: 'settings',
  weight: 1,
  make(random) {
    let bytes: Buffer = Buffer.from(YAML);
    for (let left = random.below(4); left > 0 && bytes.length > 0; left--) {
      bytes = Buffer.from(random.pick([flipBits, overwriteRun, truncate])(bytes, random));
    }
    if (random.chance(0.1)) bytes = random.bytes(random.size(2_000));
    return { options: { seed: random.word() }, bytes };
  },
  run({ options, bytes }) {
    const random = new Random(Number(options['seed']));
    const env: Record<string, string> = {};
    for (const { variable } of CONFIG_KEYS) if (random.chance(0.1)) env[variable] = anyText(random);
    onlyOurs(() => loadConfig({ env, readFile: () => bytes.toString('utf8') }));
    onlyOurs(() => transcoderSockets(anyText(random)));
    const pid = 42;
    const LISTEN_PID = random.chance(0.8) ? '42' : anyText(random);
    const LISTEN_FDNAMES = random.chance(0.5) ? anyText(random) : random.bytes(40).toString('latin1');
    const sockets = onlyOurs(() => inheritedSockets({ LISTEN_PID, LISTEN_FDS: anyText(random), LISTEN_FDNAMES }, pid));
    for (const fd of sockets?.values() ?? []) mustHold(fd >= 3 && fd < 3 + 64, () => `descriptor ${fd}`);
    return { bytesOut: 0 };
  },
};
