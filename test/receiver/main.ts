import { parseArgs } from 'node:util';
import { FAULTS, type Fault } from './faults.ts';
import { ensureMedia, type MediaProgress } from './media/ensure.ts';
import { startReceiver } from './receiver.ts';

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

const { values } = parseArgs({
  options: {
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
  },
});

function number(name: 'http-port' | 'stream-port' | 'relay-port' | 'tuners' | 'tune-latency'): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Error(`--${name} is "${values[name]}", expected a number`);
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
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const fault = values.fault === undefined ? null : (FAULTS.find((name) => name === values.fault) ?? 'unknown');
  if (fault === 'unknown') throw new Error(`--fault is "${values.fault}", expected one of ${FAULTS.join(', ')}`);
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  process.once('SIGINT', () => stop.abort());
  await ensureMedia({ cacheDir: values.cache, onProgress: progressPrinter(), signal: stop.signal });
  if (values['prepare-only']) return;
  const receiver = await startReceiver({
    host: values.host,
    httpPort: number('http-port'),
    streamPort: number('stream-port'),
    relayPort: number('relay-port'),
    login: values.user === undefined ? null : { user: values.user, pass: values.pass },
    tuners: number('tuners'),
    tuneLatencyMs: number('tune-latency'),
    fault: fault satisfies Fault | null,
    cacheDir: values.cache,
  });
  const { httpPort: http, streamPort, relayPort: relay } = receiver;
  process.stdout.write(`${JSON.stringify({ http, stream: streamPort, relay })}\n`);
  if (!stop.signal.aborted) await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
  await receiver.close();
}

main().catch((error: unknown) => {
  process.stderr.write(`receiver: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
