import { parseArgs } from 'node:util';
import { CONTROL_HELP, ControlServer } from './control/control-server.ts';
import { FAULT_SYNTAX, parseFault } from './fault-text.ts';
import { FAULTS, type FaultSetting } from './faults.ts';
import type { InternetOptions } from './internet/provider.ts';
import { Lineup } from './lineup/lineup.ts';
import { canonicalRef } from './lineup/service-ref.ts';
import { type DemoService, SERVICES } from './lineup/services.ts';
import { ensureMedia, type MediaProgress } from './media/ensure.ts';
import { type ReceiverOptions, startReceiver } from './receiver.ts';

const HELP = `A simulated Enigma2 receiver: OpenWebif, stream server and relay, with moving test pictures.

Usage: node test/receiver/main.ts [options]

  --host ADDRESS        where to listen (127.0.0.1)
  --http-port PORT      web interface (8088; 0 = any free one)
  --stream-port PORT    stream server (8001)
  --relay-port PORT     relay (17999)
  --wake-port PORT      UDP, for the magic packet that ends deep standby (none)
  --control-port PORT   commands, see below (none)
  --user NAME --pass PASSWORD   ask for this login
  --tuners N            tuners (4)
  --live NAME           what the television shows, by name or reference; it takes a tuner (none)
  --playable-only       bouquets of what plays on the stream server alone
  --services N          made-up services without pictures, beside the demo's (0)
  --internet            services that come over the network, and a provider that sends them
  --internet-udp HOST:PORT   the provider sends datagrams there as well, to a group or a host
  --tune-latency MS     from the request to the first byte (150)
  --fault FAULT         what is wrong with the box; may be given several times
  --cache DIR           where the pictures are kept (.cache/demo)
  --prepare-only        make the pictures and end
  --help

A FAULT is ${FAULT_SYNTAX}, and NAME one of
${wrapped(FAULTS.join(', '))}

With --control-port, over HTTP:
${CONTROL_HELP}

When it is ready it prints one line of JSON: {"http":PORT,"stream":PORT,"relay":PORT}, with wake, control and internet
where they were asked for.
`;

function wrapped(text: string): string {
  return text.replace(/(.{1,110})(?: |$)/g, '  $1\n').trimEnd();
}

const MAX_PORT = 65_535;
/** More than any box has. */
const MAX_TUNERS = 32;
const MAX_TUNE_LATENCY_MS = 60_000;
const MAX_SERVICES = 100_000;

const OPTIONS = {
  host: { type: 'string', default: '127.0.0.1' },
  'http-port': { type: 'string', default: '8088' },
  'stream-port': { type: 'string', default: '8001' },
  'relay-port': { type: 'string', default: '17999' },
  'wake-port': { type: 'string' },
  'control-port': { type: 'string' },
  user: { type: 'string' },
  pass: { type: 'string', default: '' },
  tuners: { type: 'string', default: '4' },
  live: { type: 'string' },
  'playable-only': { type: 'boolean', default: false },
  services: { type: 'string', default: '0' },
  internet: { type: 'boolean', default: false },
  'internet-udp': { type: 'string' },
  'tune-latency': { type: 'string', default: '150' },
  fault: { type: 'string', multiple: true },
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

const optionalPort = (name: string, text: string | undefined): number | null =>
  text === undefined ? null : parseNumber(name, text, MAX_PORT);

/** @throws Error that begins with the option */
function parseFaults(texts: readonly string[]): FaultSetting[] {
  return texts.map((text) => {
    try {
      return parseFault(text);
    } catch (error) {
      throw new Error(`--${error instanceof Error ? error.message : String(error)}`);
    }
  });
}

function parseLive(text: string | undefined): DemoService | null {
  if (text === undefined) return null;
  const found = SERVICES.find((service) => service.name === text) ?? new Lineup().byRef(canonicalRef(text));
  if (found === null) throw new Error(`--live is "${text}", expected the name or the reference of a demo service`);
  return found;
}

function parseInternet(internet: boolean, udp: string | undefined): InternetOptions | null {
  if (udp === undefined) return internet ? {} : null;
  const [, host, port] = /^([^:]+):(\d+)$/.exec(udp) ?? [];
  if (host === undefined || port === undefined) throw new Error(`--internet-udp is "${udp}", expected HOST:PORT`);
  return { udp: { host, port: parseNumber('internet-udp', port, MAX_PORT) } };
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
    fault: parseFaults(values.fault ?? []),
    wakePort: optionalPort('wake-port', values['wake-port']),
    live: parseLive(values.live),
    playableOnly: values['playable-only'],
    syntheticServices: parseNumber('services', values.services, MAX_SERVICES),
    internet: parseInternet(values.internet, values['internet-udp']),
    cacheDir: values.cache,
  };
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  process.once('SIGINT', () => stop.abort());
  await ensureMedia({ cacheDir: values.cache, onProgress: progressPrinter(), signal: stop.signal });
  if (values['prepare-only']) return;
  const receiver = await startReceiver(options);
  const { httpPort: http, streamPort, relayPort: relay, wakePort, internetPort } = receiver;
  const controlPort = optionalPort('control-port', values['control-port']);
  const server = controlPort === null ? null : new ControlServer(receiver);
  const ports = {
    ...{ http, stream: streamPort, relay },
    ...(wakePort === 0 ? {} : { wake: wakePort }),
    ...(internetPort === 0 ? {} : { internet: internetPort }),
    ...(server === null ? {} : { control: await server.listen(values.host, controlPort ?? 0) }),
  };
  process.stdout.write(`${JSON.stringify(ports)}\n`);
  if (!stop.signal.aborted) await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
  server?.close();
  await receiver.close();
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`receiver: ${message}\n--help shows all options\n`);
  process.exit(1);
});
