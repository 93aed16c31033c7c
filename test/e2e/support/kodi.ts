/** Kodi without a screen or loudspeakers, with its Tvheadend add-on: started, driven over JSON-RPC, gone with the test. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from '#test/helpers/process.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import type { TeardownOwner } from './gateway.ts';

const NEEDED: Readonly<Record<string, readonly string[]>> = {
  kodi: ['/usr/lib/x86_64-linux-gnu/kodi/kodi.bin', '/usr/lib/aarch64-linux-gnu/kodi/kodi.bin'],
  'kodi-pvr-hts': ['/usr/share/kodi/addons/pvr.hts/addon.xml'],
  xvfb: ['/usr/bin/Xvfb'],
  pulseaudio: ['/usr/bin/pulseaudio'],
};

function found(paths: readonly string[]): string | null {
  return paths.find((path) => existsSync(path)) ?? null;
}

/** Debian packages that are not installed; without them there is nothing to drive. */
export function missingForKodi(): string[] {
  return Object.entries(NEEDED).flatMap(([name, paths]) => (found(paths) === null ? [name] : []));
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
type Answer = any;

const ADDON = 'pvr.hts';

export class Kodi {
  readonly #port: number;
  readonly #folder: string;

  private constructor(port: number, folder: string) {
    this.#port = port;
    this.#folder = folder;
  }

  static async start(t: TeardownOwner, server: { htspPort: number; httpPort: number }): Promise<Kodi> {
    const folder = await mkdtemp(join(tmpdir(), 'xg2g-kodi-'));
    t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
    const port = await freePort();
    await writeProfile(folder, port, server);
    const display = `:${port}`;
    const screen = new Program({ command: 'Xvfb', args: [display, '-screen', '0', '640x360x24', '-nolisten', 'tcp'] });
    t.teardown(() => screen.stop());
    const run = join(folder, 'run');
    const socket = join(run, 'sound');
    const pulse = new Program({
      command: 'pulseaudio',
      args: [
        '-n',
        '--daemonize=no',
        '--exit-idle-time=-1',
        '--use-pid-file=no',
        '-L',
        `module-native-protocol-unix auth-anonymous=1 socket=${socket}`,
        '-L',
        'module-null-sink sink_name=test rate=48000',
      ],
      env: { HOME: folder, XDG_RUNTIME_DIR: run },
    });
    t.teardown(() => pulse.stop());
    await eventually(() => existsSync(`/tmp/.X11-unix/X${port}`) && existsSync(socket), {
      what: 'a screen and a loudspeaker for Kodi',
      timeoutMs: 15_000,
    });
    const kodi = new Program({
      command: found(NEEDED['kodi'] ?? []) ?? 'kodi',
      args: ['--windowing=x11', '--standalone'],
      env: {
        HOME: folder,
        XDG_RUNTIME_DIR: run,
        DISPLAY: display,
        LIBGL_ALWAYS_SOFTWARE: '1',
        KODI_HOME: '/usr/share/kodi',
        PULSE_SERVER: `unix:${socket}`,
        DBUS_SESSION_BUS_ADDRESS: undefined,
      },
    });
    t.teardown(() => kodi.stop());
    const driver = new Kodi(port, folder);
    await eventually(async () => (await driver.rpc('JSONRPC.Ping')) === 'pong', {
      what: 'Kodi to answer',
      timeoutMs: 40_000,
      everyMs: 200,
    });
    await driver.rpc('Addons.SetAddonEnabled', { addonid: ADDON, enabled: true });
    return driver;
  }

  get logFile(): string {
    return join(this.#folder, '.kodi', 'temp', 'kodi.log');
  }

  async rpc(method: string, params: Record<string, unknown> = {}): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/jsonrpc`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(20_000),
    });
    const answer = (await response.json()) as { result?: Answer; error?: unknown };
    if (answer.error !== undefined) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
    return answer.result;
  }

  async label(name: string): Promise<string> {
    return (await this.rpc('XBMC.GetInfoLabels', { labels: [name] }))[name] ?? '';
  }

  /** The player's state once it has a picture and a sound, or what was asked for. */
  async playing(what: string, accept: (player: Answer) => boolean): Promise<Answer> {
    return eventually(
      async () => {
        const [active] = await this.rpc('Player.GetActivePlayers');
        if (active === undefined) return null;
        const player = await this.rpc('Player.GetProperties', {
          playerid: active.playerid,
          properties: ['speed', 'time', 'currentvideostream', 'currentaudiostream'],
        });
        return accept(player) ? player : null;
      },
      { what, timeoutMs: 20_000, everyMs: 200 },
    );
  }

  /** Shots of the screen and of what is heard, as ffmpeg takes them. */
  get display(): string {
    return `:${this.#port}`;
  }

  get pulseServer(): string {
    return `unix:${join(this.#folder, 'run', 'sound')}`;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function writeProfile(
  folder: string,
  port: number,
  server: { htspPort: number; httpPort: number },
): Promise<void> {
  const userdata = join(folder, '.kodi', 'userdata');
  const addon = join(userdata, 'addon_data', ADDON);
  await mkdir(addon, { recursive: true });
  await mkdir(join(folder, 'run'), { recursive: true, mode: 0o700 });
  const settings = (values: Record<string, string>): string =>
    `<settings version="2">\n${Object.entries(values)
      .map(([id, value]) => `  <setting id="${id}">${value}</setting>\n`)
      .join('')}</settings>\n`;
  await writeFile(
    join(userdata, 'guisettings.xml'),
    settings({
      'services.webserver': 'true',
      'services.webserverport': String(port),
      'services.webserverauthentication': 'false',
      'services.esenabled': 'false',
      'services.zeroconf': 'false',
      'services.upnp': 'false',
      'services.airplay': 'false',
      'general.addonupdates': '2',
      'videoscreen.screenmode': 'DESKTOP',
      'screensaver.mode': '',
      'pvrmanager.usebackendchannelnumbers': 'true',
    }),
  );
  await writeFile(
    join(userdata, 'advancedsettings.xml'),
    '<advancedsettings version="1.0"><loglevel>1</loglevel><splash>false</splash></advancedsettings>\n',
  );
  await writeFile(
    join(addon, 'instance-settings-1.xml'),
    settings({
      kodi_addon_instance_name: 'xg2g',
      kodi_addon_instance_enabled: 'true',
      host: '127.0.0.1',
      http_port: String(server.httpPort),
      htsp_port: String(server.htspPort),
      connect_timeout: '10',
      response_timeout: '5',
      epg_async: 'true',
    }),
  );
}
