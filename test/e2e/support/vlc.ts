import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { eventually } from '#test/helpers/wait-for.ts';

export interface VlcPlay {
  readonly displayedPictures: number;
  readonly lostPictures: number;
  readonly playedBuffers: number;
  readonly lostBuffers: number;
}

/** VLC refuses to run as root. */
const NOBODY = 65_534;

/** Plays a URL in VLC without window and loudspeaker and gives VLC's own statistics after `seconds`. */
export async function playInVlc(t: ExecutionContext, url: string, seconds: number): Promise<VlcPlay> {
  const home = await mkdtemp(join(tmpdir(), 'xg2g-vlc-'));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  const port = await freePort();
  const root = process.getuid?.() === 0;
  if (root) await chown(home, NOBODY, NOBODY);
  const vlc = spawn(
    'vlc',
    [
      ...['-I', 'dummy', '--vout', 'dummy', '--aout', 'adummy', '--no-color', '--quiet'],
      ...['--extraintf', 'oldrc', '--rc-fake-tty', '--rc-host', `127.0.0.1:${port}`],
      ...['--no-metadata-network-access', '--network-caching', '1000', url],
    ],
    {
      env: { PATH: process.env['PATH'], HOME: home, XDG_RUNTIME_DIR: home },
      stdio: 'ignore',
      ...(root ? { uid: NOBODY, gid: NOBODY } : {}),
    },
  );
  t.teardown(async () => {
    if (vlc.exitCode !== null || vlc.signalCode !== null) return;
    const closed = once(vlc, 'close');
    vlc.kill('SIGKILL');
    await closed;
  });
  const first = await eventually(
    async () => {
      const text = await statistics(port);
      return read(text, 'frames displayed') > 0 ? text : null;
    },
    { what: 'VLC to show a picture', timeoutMs: 15_000, everyMs: 200 },
  );
  t.regex(first, /frames displayed/);
  await delay(seconds * 1000); // the time to play: there is no event for "ten seconds were watched"
  const text = await statistics(port);
  return {
    displayedPictures: read(text, 'frames displayed'),
    lostPictures: read(text, 'frames lost'),
    playedBuffers: read(text, 'buffers played'),
    lostBuffers: read(text, 'buffers lost'),
  };
}

function read(text: string, name: string): number {
  return Number(new RegExp(`${name}\\s*:\\s*(\\d+)`).exec(text)?.[1] ?? Number.NaN);
}

/** Asks VLC's remote control for its statistics. */
async function statistics(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    socket.write('stats\n');
    let text = '';
    for await (const chunk of socket) {
      text += String(chunk);
      if (/buffers lost\s*:\s*\d+/.test(text)) break;
    }
    return text;
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
