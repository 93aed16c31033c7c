import { CONFIG_KEYS, type Config } from './schema.ts';

/** What a reload did, as key names such as `lineup.bouquets`. */
export interface Reloaded {
  /** In force from now on. */
  readonly changed: readonly string[];
  /** Changed in the file, in force after a restart only. */
  readonly needRestart: readonly string[];
}

/** Sockets, folders and identities are taken once, when the daemon starts. */
const FIXED = [
  'http.listen',
  'http.apiToken',
  'data',
  'transcoder.url',
  'transcoder.backend',
  'transcoder.vaapiDevice',
  'guide.external',
  'receiver.mac',
  'receiver.wakeOnLan',
  'receiver.wakeFromStandby',
  'receiver.wakeTarget',
  'receiver.zapInStandby',
  'receiver.keepFree',
  'hdhomerun.enabled',
  'hdhomerun.name',
  'hdhomerun.deviceId',
  'hdhomerun.discovery',
  'hdhomerun.ssdp',
  'hdhomerun.mdns',
  'hdhomerun.interfaces',
  'hdhomerun.devices',
  'htsp.enabled',
  'htsp.listen',
];

/** Of a further receiver: its address and its login. How many there are, and how each is treated, is fixed. */
const CONNECTION = new Set(['host', 'streamPort', 'relayPort', 'user', 'password', 'tlsVerify']);

type Path = readonly [string, ...string[]];

/** Profiles, further receivers and devices, rules and external guides have no variable: they are groups of groups. */
const PATHS: readonly Path[] = [
  ...CONFIG_KEYS.map((key) => key.path),
  ['profiles'],
  ['receivers'],
  ['hdhomerun', 'devices'],
  ['lineup', 'rules'],
  ['guide', 'external'],
];

type Groups = Record<string, Record<string, unknown> | unknown>;

/** The settings in force. Who reads them through `current` at each use follows a reload by itself. */
export class Settings {
  #current: Config;

  constructor(config: Config) {
    this.#current = config;
  }

  get current(): Config {
    return this.#current;
  }

  /** Puts new settings in force, but for those that need a restart: they stay as they were. */
  replace(next: Config): Reloaded {
    const merged = structuredClone(next) as Groups;
    const changed: string[] = [];
    const needRestart: string[] = [];
    for (const path of PATHS) {
      const before = readKey(this.#current, path);
      const after = readKey(next, path);
      if (JSON.stringify(before) === JSON.stringify(after)) continue;
      const name = path.join('.');
      // Without a receiver there is nothing to go on with.
      const fixed =
        FIXED.includes(name) ||
        (name === 'receiver.host' && after === null) ||
        (name === 'receivers' && !areSameBoxes(this.#current.receivers, next.receivers));
      (fixed ? needRestart : changed).push(name);
      if (fixed) writeKey(merged, path, before);
    }
    this.#current = merged as unknown as Config;
    return { changed, needRestart };
  }
}

function readKey(config: Config, path: Path): unknown {
  return path.reduce<unknown>((value, name) => (value as Groups)[name], config);
}

function writeKey(config: Groups, path: Path, value: unknown): void {
  const [first, second] = path;
  if (second === undefined) config[first] = value;
  else (config[first] as Groups)[second] = value;
}

/** Whether nothing but connections differs. */
function areSameBoxes(before: Config['receivers'], after: Config['receivers']): boolean {
  const treatment = (box: object): string =>
    JSON.stringify(Object.entries(box).filter(([name]) => !CONNECTION.has(name)));
  return (
    before.length === after.length && before.every((box, index) => treatment(box) === treatment(after[index] ?? {}))
  );
}
