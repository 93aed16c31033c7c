import { parseArgs } from 'node:util';
import { FAULTS, type Fault } from './faults.ts';
import { ensureMedia, type MediaProgress } from './media/ensure.ts';
import { type ReceiverOptions, startReceiver } from './receiver.ts';

const HELP = `A simulated Enigma2 receiver: OpenWebif, stream server and relay, with moving test pictures.

Usage: node test/receiver/main.ts [options]

  --host ADDRESS        where to listen (127.0.0.1)
  --http-port PORT      web interface (8088; 0 = any free one)
  --stream-port PORT    stream server (8001)
  --relay-port PORT     relay (17999)
  --user NAME --pass PASSWORD   ask for this login
  --tuners N            tuners (4)
  --tune-latency MS     from the request to the first byte (150)
  --fault NAME          ${FAULTS.join(', ')}
  --cache DIR           where the pictures are kept (.cache/demo)
  --prepare-only        make the pictures and end
  --help

When it is ready it prints one line of JSON: {"http":PORT,"stream":PORT,"relay":PORT}.
`;

const MAX_PORT = 65_535;
/** More than any box has. */
const MAX_TUNERS = 32;
const MAX_TUNE_LATENCY_MS = 60_000;

const OPTIONS = {
  host: { type: 'string', default: '127.0.0.1' },
  'http-port': { type: 'string', default: '8088' },
  'stream-port': { type: 'string', default: '8001' },
  'relay-port': { type: 'string', default: '17999' },
  user: { type: 'string' },
  pass: { type: 'string', default: '' },
  tuners: { type: 'string', default: '4' },
  'tune-latency': { type: 'string', default: '150' },
  fault: { type: 'string' },
  cache: { type: 'string' },
  'prepare-only': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** @throws Error when it is not a whole number from 0 to `max`. */
function parseNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  throw new Error(`--${name} is "${text}", expected a whole number from 0 to ${max}`);
}

function parseFault(text: string | undefined): Fault | null {
  if (text === undefined) return null;
  const fault = FAULTS.find((name) => name === text);
  if (fault === undefined) throw new Error(`--fault is "${text}", expected one of ${FAULTS.join(', ')}`);
  return fault;
}

/** A line for every tenth of the way: enough to see that it goes on. */
function progressPrinter(): (progress: MediaProgress) => void {
  let lastTenth = -1;
  return ({ fraction, what }) => {
    const tenth = Math.floor(fraction * 10);
    if (tenth === lastTenth) return;
    lastTenth = tenth;
    process.stderr.write(`making the demo pictures: ${String(Math.round(fraction * 100)).padStart(3)} %  ${what}\n`);
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const options: ReceiverOptions = {
    host: values.host,
    httpPort: parseNumber('http-port', values['http-port'], MAX_PORT),
    streamPort: parseNumber('stream-port', values['stream-port'], MAX_PORT),
    relayPort: parseNumber('relay-port', values['relay-port'], MAX_PORT),
    login: values.user === undefined ? null : { user: values.user, pass: values.pass },
    tuners: parseNumber('tuners', values.tuners, MAX_TUNERS),
    tuneLatencyMs: parseNumber('tune-latency', values['tune-latency'], MAX_TUNE_LATENCY_MS),
    fault: parseFault(values.fault),
    cacheDir: values.cache,
  };
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  process.once('SIGINT', () => stop.abort());
  await ensureMedia({ cacheDir: values.cache, onProgress: progressPrinter(), signal: stop.signal });
  if (values['prepare-only']) return;
  const receiver = await startReceiver(options);
  const { httpPort: http, streamPort, relayPort: relay } = receiver;
  process.stdout.write(`${JSON.stringify({ http, stream: streamPort, relay })}\n`);
  if (!stop.signal.aborted) await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
  await receiver.close();
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`receiver: ${message}\n--help shows all options\n`);
  process.exit(1);
});
