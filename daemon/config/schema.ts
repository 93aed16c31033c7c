import { z } from 'zod';
import { LOG_LEVELS } from '#shared/observability/logger.ts';
import { externalGuides } from './external-guides.ts';
import { lineupRule } from './lineup-rule-schema.ts';
import { isNetwork } from './networks.ts';

/**
 * Every setting: its place in the file, its type, its default. Values may come as text (environment) or as YAML's own
 * types; what a key allows is said in its `describe`, which the error messages quote.
 */

const text = z.preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string().trim());

/** Absent, null and an empty text all mean "not set". */
function optional<Schema extends z.ZodType>(schema: Schema) {
  return z
    .preprocess((value) => (value === null || value === '' ? undefined : value), schema.optional())
    .transform((value) => value ?? null);
}

function wholeNumber(min: number, max: number, fallback: number, what: string) {
  return z
    .preprocess(
      fromText((value) => (/^-?\d+$/.test(value) ? Number(value) : value)),
      z.int().min(min).max(max).default(fallback),
    )
    .describe(`${what} from ${min} to ${max}`);
}

function boolean(fallback: boolean) {
  const words: Readonly<Record<string, boolean>> = {
    true: true,
    yes: true,
    on: true,
    1: true,
    false: false,
    no: false,
    off: false,
    0: false,
  };
  return z
    .preprocess(
      fromText((value) => words[value.toLowerCase()] ?? value),
      z.boolean().default(fallback),
    )
    .describe('true or false');
}

/** Empty text counts as not set; anything that is not text passes unchanged to the schema behind. */
function fromText(convert: (value: string) => unknown): (value: unknown) => unknown {
  return (value) => {
    if (value === null) return undefined;
    if (typeof value !== 'string') return value;
    const trimmed = value.trim();
    return trimmed === '' ? undefined : convert(trimmed);
  };
}

/** A span of time as text (`90s`, `15m`, `1h`, `2d`) or as a number of seconds; the result is in seconds. */
function seconds(min: number, max: number, fallback: number, allowed: string) {
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
  const convert = (value: string): unknown => {
    const match = /^(\d{1,9})\s*([smhd]?)$/i.exec(value);
    return match === null ? value : Number(match[1]) * (units[match[2]?.toLowerCase() || 's'] ?? 1);
  };
  return z.preprocess(fromText(convert), z.int().min(min).max(max).default(fallback)).describe(allowed);
}

const LISTEN = /^(?:\[([0-9a-f:]+)\]|([^:\s[\]]*)):(\d{1,5})$/i;

/** `:8080`, `127.0.0.1:8080`, `[::1]:8080`; the host null means every address. */
function listenAddress(fallback: string) {
  return z
    .preprocess((value) => {
      const given = typeof value === 'number' ? `:${value}` : (value ?? fallback);
      return typeof given === 'string' && /^\d+$/.test(given.trim()) ? `:${given.trim()}` : given;
    }, z.string().trim().regex(LISTEN))
    .transform((value) => {
      const [, ipv6, name, port] = LISTEN.exec(value) ?? [];
      const host = ipv6 ?? name ?? '';
      return { host: host === '' ? null : host, port: Number(port) };
    })
    .refine((address) => address.port <= 65_535)
    .describe('":port", "address:port" or "[ipv6]:port" with a port from 0 to 65535');
}

function httpUrl(allowed: string) {
  return z
    .url({ protocol: /^https?$/ })
    .refine((value) => !/[?#]/.test(value))
    .transform((value) => value.replace(/\/+$/, ''))
    .describe(allowed);
}

/** A host, host:port or URL of the web interface; the result is an origin without a trailing slash. */
const receiverHost = text
  .transform((value) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`))
  .refine((value) => {
    const url = URL.parse(value);
    return (
      url !== null &&
      /^https?:$/.test(url.protocol) &&
      url.hostname !== '' &&
      url.username === '' &&
      url.pathname === '/' &&
      url.search === ''
    );
  })
  .transform((value) => new URL(value).toString().replace(/\/$/, ''))
  .describe(
    'a host name, an IP address (with :port if it is not 80) or a URL such as https://192.168.1.20, without user and path',
  );

const listOfText = z
  .preprocess(
    fromText((value) => value.split(',')),
    z.array(text).default([]),
  )
  .transform((names) => names.filter((name) => name !== ''))
  .describe('a list, or names separated by commas');

function networks(fallback: readonly string[]) {
  return z
    .preprocess(
      fromText((value) => value.split(',')),
      z.array(text.refine(isNetwork)).default([...fallback]),
    )
    .describe('a list of networks (192.168.1.0/24), addresses, "private" and "local"');
}

/** In the environment `name:password`, separated by commas. */
const users = z
  .preprocess(
    fromText((value) =>
      value.split(',').map((part) => {
        const [name = '', ...password] = part.split(':');
        return { name, password: password.join(':') };
      }),
    ),
    z
      .array(z.strictObject({ name: text.pipe(z.string().regex(/^[^:\s"\\]{1,64}$/)), password: userPassword() }))
      .max(100)
      .default([]),
  )
  .describe(
    'a list of users, each with name (without colon, blank and quotes) and password; in the variable name:password',
  );

function userPassword() {
  return z.preprocess(
    (value) => (typeof value === 'number' ? String(value) : value),
    z.string().trim().min(1).max(128),
  );
}

const AUDIO_BITRATES_KBIT = { min: 32, max: 512 };

const bitrate = z
  .preprocess(
    fromText((value) => {
      const match = /^(\d{1,7})\s*(k?)(?:bit\/s|bps)?$/i.exec(value);
      return match === null ? value : Number(match[1]) * (match[2] === '' ? 1 : 1000);
    }),
    z
      .int()
      .min(AUDIO_BITRATES_KBIT.min * 1000)
      .max(AUDIO_BITRATES_KBIT.max * 1000)
      .default(192_000),
  )
  .describe(`a bit rate from ${AUDIO_BITRATES_KBIT.min}k to ${AUDIO_BITRATES_KBIT.max}k, such as 192k`);

const transcoderUrl = z
  .preprocess(
    fromText((value) => value),
    z.string().default('unix:/run/xg2g'),
  )
  .refine((value) => /^unix:(?:\/\/)?\/.+/.test(value) || /^https?:\/\/[^/]+\/?$/.test(value))
  .describe('unix:/absolute/folder, or http://host:port of a transcoder on another machine');

const deviceId = text
  .transform((value) => value.toUpperCase())
  .refine((value) => /^[0-9A-F]{8}$/.test(value))
  .describe('8 hexadecimal digits');

/** Names become part of URLs and metrics. */
const profileName = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);

/** Checked against the list of profiles when that is made. */
function profileReference(fallback: string) {
  return z
    .preprocess(
      fromText((value) => value),
      z.string().default(fallback),
    )
    .describe('the name of a profile');
}

function oneOf<Value extends string>(values: readonly [Value, ...Value[]], fallback: NoInfer<Value>) {
  return z
    .preprocess(
      fromText((value) => value.toLowerCase()),
      z.literal([...values]).or(z.undefined()),
    )
    .transform((value) => value ?? fallback)
    .describe(`one of ${values.join(', ')}`);
}

/** A section of the file that may be left out or be empty. */
function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess((value) => value ?? {}, z.strictObject(shape)).describe('a group of keys');
}

/** What a profile sets; what it leaves out is that of `aac`, or of the built-in profile of the same name. */
const profile = z
  .preprocess(
    (value) => value ?? {},
    z.strictObject({
      mode: z.enum(['aac', 'aac-first', 'pass']).optional(),
      channels: z.enum(['stereo', 'source']).optional(),
      bitrate: bitrate.optional(),
      language: z
        .string()
        .regex(/^[a-z]{3}(-ad)?$/)
        .optional(),
      loudness: z.boolean().optional(),
      night: z.boolean().optional(),
    }),
  )
  .describe(
    'mode (aac, aac-first, pass), channels (stereo, source), bitrate, language (deu, deu-ad), loudness and night (true, false)',
  );

const macAddress = text
  .transform((value) => value.toLowerCase().replaceAll('-', ':'))
  .refine((value) => /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(value))
  .describe('a hardware address such as 00:1d:ec:01:02:03');

const languageCode = text
  .transform((value) => value.toLowerCase())
  .refine((value) => /^[a-z]{2}$/.test(value))
  .describe('a language code of two letters, such as de');

/** `address` or `address:port`. */
const wakeTarget = z
  .preprocess(
    fromText((value) => value),
    z
      .string()
      .regex(/^[^\s:]+(?::\d{1,5})?$/)
      .default('255.255.255.255:9'),
  )
  .transform((value) => {
    const [host = '', port = '9'] = value.split(':');
    return { host, port: Number(port) };
  })
  .refine(({ port }) => port >= 1 && port <= 65_535)
  .describe('a broadcast address, with :port if it is not 9, such as 192.168.1.255');

const receiverKeys = {
  streamPort: wholeNumber(1, 65_535, 8001, 'a port'),
  relayPort: wholeNumber(1, 65_535, 17_999, 'a port'),
  user: optional(text).describe('a user of the receiver'),
  password: optional(z.preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string())).describe(
    "that user's password, as text",
  ),
  tlsVerify: boolean(true),
  /** Learned while the receiver is on, where it is not set. */
  mac: optional(macAddress).describe(macAddress.description ?? ''),
  wakeOnLan: boolean(false),
  wakeFromStandby: boolean(false),
  wakeTarget,
  zapInStandby: boolean(false),
  keepFree: wholeNumber(0, 8, 0, 'a number of tuners that stay free for the television'),
};

const hdhrDevice = z.strictObject({
  name: z.string().trim().min(1).max(64),
  bouquets: listOfText,
  tuners: wholeNumber(0, 32, 0, 'a number of tuners (0 = as many as the receiver has)'),
  port: optional(wholeNumber(1, 65_535, 8081, 'a port')).describe('a port'),
});

export const configSchema = z.strictObject({
  receiver: section({
    host: optional(receiverHost).describe(receiverHost.description ?? ''),
    ...receiverKeys,
  }),
  /** Further ones, which add tuners and channels, and stand in for each other. */
  receivers: z
    .preprocess((value) => value ?? [], z.array(z.strictObject({ host: receiverHost, ...receiverKeys })).max(16))
    .describe('a list of receivers, each with host and the other keys of receiver'),
  lineup: section({
    bouquets: listOfText,
    refreshInterval: seconds(60, 30 * 86_400, 3600, 'a time from 1m to 30d, such as 1h'),
    /** Markers inside bouquets become groups. */
    markerGroups: boolean(false),
    rules: z.preprocess((value) => value ?? [], z.array(lineupRule).max(1_000)).describe('a list of rules'),
  }),
  guide: section({
    days: wholeNumber(1, 28, 7, 'a number of days'),
    /** Of what is over. */
    keepDays: wholeNumber(0, 14, 1, 'a number of days from 0 to 14'),
    bulk: boolean(false),
    language: optional(languageCode).describe(languageCode.description ?? ''),
    refreshInterval: seconds(300, 7 * 86_400, 6 * 3600, 'a time from 5m to 7d, such as 6h'),
    external: externalGuides,
  }),
  http: section({
    listen: listenAddress(':8080'),
    publicUrl: optional(httpUrl('')).describe('an http or https URL without query, such as http://192.168.1.5:8080'),
    apiToken: optional(z.string().trim().min(16)).describe('a text of 16 characters or more'),
  }),
  access: section({
    networks: networks(['private', 'local']),
    users,
    trustedProxies: networks([]),
  }),
  data: z
    .preprocess(
      fromText((value) => value),
      z.string().default('/var/lib/xg2g'),
    )
    .describe('a folder'),
  logLevel: oneOf(LOG_LEVELS, 'info'),
  transcoder: section({
    url: transcoderUrl,
    backend: oneOf(['auto', 'native', 'ffmpeg'], 'auto'),
    vaapiDevice: optional(text).describe('a device such as /dev/dri/renderD128'),
    audioBitrate: bitrate,
  }),
  streams: section({
    linger: seconds(0, 600, 10, 'a time from 0s to 10m, such as 10s'),
    /** `auto`: by the client and what the channel carries. */
    profile: profileReference('aac'),
    /** A picture that says why, where a player is refused a tuner. */
    busyCard: boolean(false),
    /** Keeps the neighbours of what is watched ready, on transponders that are tuned anyway. */
    pretune: boolean(false),
  }),
  profiles: z
    .preprocess((value) => value ?? {}, z.record(profileName, profile))
    .describe('profiles by name, of small letters, digits and hyphens'),
  hdhomerun: section({
    enabled: boolean(true),
    name: z
      .preprocess(
        fromText((value) => value),
        z.string().max(64).default('xg2g'),
      )
      .describe('a name of up to 64 characters'),
    deviceId: optional(deviceId).describe(deviceId.description ?? ''),
    tuners: wholeNumber(0, 32, 0, 'a number of tuners (0 = as many as the receiver has)'),
    /** UDP and TCP port 65001. */
    discovery: boolean(true),
    ssdp: boolean(true),
    mdns: boolean(true),
    interfaces: listOfText.describe('a list of network interfaces, such as eth0'),
    /** Further ones, with the channels of some bouquets. */
    devices: z
      .preprocess((value) => value ?? [], z.array(hdhrDevice).max(16))
      .refine((devices) => new Set(devices.map(({ name }) => urlName(name))).size === devices.length)
      .refine((devices) => devices.every(({ name }) => urlName(name) !== ''))
      .describe('a list of devices with name (each another one, with letters or digits), bouquets, tuners and port'),
  }),
  htsp: section({
    enabled: boolean(true),
    listen: listenAddress(':9982'),
    /** For clients that name none. */
    profile: profileReference('pass'),
    timeshiftMinutes: wholeNumber(0, 720, 60, 'a number of minutes (0 = no time-shift)'),
    timeshiftSize: wholeNumber(100, 1_000_000, 4_000, 'a size in megabytes, for all channels together,'),
  }),
});

/** A name as it stands in URLs: small letters, digits and hyphens. */
export function urlName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** The settings of the daemon, checked and complete. Times are in seconds, bit rates in bit/s. */
export type Config = z.output<typeof configSchema>;

/** A key in the file and the variable that overrides it. */
export interface ConfigKey {
  readonly path: readonly [string, ...string[]];
  readonly variable: string;
  readonly secret?: true;
}

export const CONFIG_KEYS: readonly ConfigKey[] = [
  { path: ['receiver', 'host'], variable: 'XG2G_E2_HOST' },
  { path: ['receiver', 'streamPort'], variable: 'XG2G_E2_STREAM_PORT' },
  { path: ['receiver', 'relayPort'], variable: 'XG2G_E2_RELAY_PORT' },
  { path: ['receiver', 'user'], variable: 'XG2G_E2_USER' },
  { path: ['receiver', 'password'], variable: 'XG2G_E2_PASS', secret: true },
  { path: ['receiver', 'tlsVerify'], variable: 'XG2G_E2_TLS_VERIFY' },
  { path: ['receiver', 'mac'], variable: 'XG2G_E2_MAC' },
  { path: ['receiver', 'wakeOnLan'], variable: 'XG2G_E2_WAKE_ON_LAN' },
  { path: ['receiver', 'wakeFromStandby'], variable: 'XG2G_E2_WAKE_FROM_STANDBY' },
  { path: ['receiver', 'wakeTarget'], variable: 'XG2G_E2_WAKE_TARGET' },
  { path: ['receiver', 'zapInStandby'], variable: 'XG2G_E2_ZAP_IN_STANDBY' },
  { path: ['receiver', 'keepFree'], variable: 'XG2G_E2_KEEP_FREE' },
  { path: ['lineup', 'bouquets'], variable: 'XG2G_BOUQUET' },
  { path: ['lineup', 'refreshInterval'], variable: 'XG2G_REFRESH_INTERVAL' },
  { path: ['lineup', 'markerGroups'], variable: 'XG2G_MARKER_GROUPS' },
  { path: ['guide', 'days'], variable: 'XG2G_EPG_DAYS' },
  { path: ['guide', 'keepDays'], variable: 'XG2G_EPG_KEEP_DAYS' },
  { path: ['guide', 'bulk'], variable: 'XG2G_EPG_BULK' },
  { path: ['guide', 'language'], variable: 'XG2G_EPG_LANGUAGE' },
  { path: ['guide', 'refreshInterval'], variable: 'XG2G_EPG_REFRESH_INTERVAL' },
  { path: ['http', 'listen'], variable: 'XG2G_LISTEN' },
  { path: ['http', 'publicUrl'], variable: 'XG2G_PUBLIC_URL' },
  { path: ['http', 'apiToken'], variable: 'XG2G_API_TOKEN', secret: true },
  { path: ['access', 'networks'], variable: 'XG2G_ACCESS_NETWORKS' },
  { path: ['access', 'users'], variable: 'XG2G_ACCESS_USERS', secret: true },
  { path: ['access', 'trustedProxies'], variable: 'XG2G_TRUSTED_PROXIES' },
  { path: ['data'], variable: 'XG2G_DATA' },
  { path: ['logLevel'], variable: 'XG2G_LOG_LEVEL' },
  { path: ['transcoder', 'url'], variable: 'XG2G_TRANSCODER_URL' },
  { path: ['transcoder', 'backend'], variable: 'XG2G_TRANSCODER_BACKEND' },
  { path: ['transcoder', 'vaapiDevice'], variable: 'XG2G_VAAPI_DEVICE' },
  { path: ['transcoder', 'audioBitrate'], variable: 'XG2G_AUDIO_BITRATE' },
  { path: ['streams', 'linger'], variable: 'XG2G_STREAM_LINGER' },
  { path: ['streams', 'profile'], variable: 'XG2G_PROFILE' },
  { path: ['streams', 'busyCard'], variable: 'XG2G_STREAM_BUSY_CARD' },
  { path: ['streams', 'pretune'], variable: 'XG2G_STREAM_PRETUNE' },
  { path: ['hdhomerun', 'enabled'], variable: 'XG2G_HDHR_ENABLED' },
  { path: ['hdhomerun', 'name'], variable: 'XG2G_HDHR_NAME' },
  { path: ['hdhomerun', 'deviceId'], variable: 'XG2G_HDHR_DEVICE_ID' },
  { path: ['hdhomerun', 'tuners'], variable: 'XG2G_HDHR_TUNERS' },
  { path: ['hdhomerun', 'discovery'], variable: 'XG2G_HDHR_DISCOVERY' },
  { path: ['hdhomerun', 'ssdp'], variable: 'XG2G_HDHR_SSDP' },
  { path: ['hdhomerun', 'mdns'], variable: 'XG2G_HDHR_MDNS' },
  { path: ['hdhomerun', 'interfaces'], variable: 'XG2G_HDHR_INTERFACES' },
  { path: ['htsp', 'enabled'], variable: 'XG2G_HTSP_ENABLED' },
  { path: ['htsp', 'listen'], variable: 'XG2G_HTSP_LISTEN' },
  { path: ['htsp', 'profile'], variable: 'XG2G_HTSP_PROFILE' },
  { path: ['htsp', 'timeshiftMinutes'], variable: 'XG2G_HTSP_TIMESHIFT_MINUTES' },
  { path: ['htsp', 'timeshiftSize'], variable: 'XG2G_HTSP_TIMESHIFT_SIZE' },
];
