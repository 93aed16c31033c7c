import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BUILD } from '#shared/build.ts';
import { errorCode, errorMessage } from '#shared/errors.ts';
import { countBuffersAsHeap } from '#shared/garbage-collection.ts';
import { transcoderSockets } from '#shared/ipc/address.ts';
import { describeListenAddress, type ListenAddress } from '#shared/ipc/listen-address.ts';
import { inheritedSockets } from '#shared/ipc/listen-fds.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { serviceManager } from '#shared/service-manager.ts';
import { readEnvironment } from './environment.ts';
import { silenceFfmpegLog } from './ffmpeg/capabilities.ts';
import { createControlHandler } from './server/control-handler.ts';
import { ControlServer } from './server/control-server.ts';
import { StreamServer } from './server/stream-server.ts';
import { transcoderCapabilities } from './session/capabilities.ts';
import { SessionRegistry } from './session/registry.ts';

const HELP = `xg2g-transcoder ${BUILD}: turns broadcast audio into AAC inside running transport streams

Usage: xg2g-transcoder [--help] [--version]

It listens on two Unix sockets, control.sock and stream.sock, which systemd hands over (names "control" and "stream")
or which it makes itself. The daemon xg2g is its only client.

Environment:
  XG2G_TRANSCODER_URL   unix:/folder of the sockets it makes itself (unix:/run/xg2g)
  XG2G_TRANSCODER_AAC_ENCODER
                        auto, xg2g, libfdk_aac or aac (auto: xg2g, its own, from 96 kbit/s per channel on)
  XG2G_LOG_LEVEL        trace, debug, info, warn, error or fatal (info)
`;

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(HELP);
    return;
  }
  if (process.argv.includes('--version')) {
    process.stdout.write(`${BUILD}\n`);
    return;
  }
  const environment = readEnvironment(process.env);
  const logger = createLogger({ name: 'xg2g-transcoder', level: environment.logLevel });
  const manager = serviceManager({ environment: process.env, pid: process.pid, logger });
  silenceFfmpegLog();
  const inherited = inheritedSockets(process.env, process.pid);
  const paths = transcoderSockets(environment.transcoderUrl);
  const address = async (name: string, path: string): Promise<ListenAddress> => {
    const fd = inherited.get(name);
    if (fd !== undefined) return { kind: 'descriptor', fd };
    await mkdir(dirname(path), { recursive: true });
    return { kind: 'path', path };
  };

  const encoder = environment.audioEncoder;
  const sessions = new SessionRegistry({ encoder, logger });
  const streams = new StreamServer(sessions, logger);
  const handler = createControlHandler({ sessions, capabilities: transcoderCapabilities(encoder), build: BUILD });
  const control = new ControlServer(handler, logger);
  const streamAddress = await address('stream', paths.stream);
  const controlAddress = await address('control', paths.control);
  await streams.listen(streamAddress);
  await control.listen(controlAddress);
  logger.info(
    { control: describeListenAddress(controlAddress), stream: describeListenAddress(streamAddress) },
    'xg2g-transcoder is ready',
  );
  manager.ready();

  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping');
    manager.stopping();
    await control.stop();
    await streams.close();
    sessions.closeAll();
    process.exit(0);
  };
  process.on('SIGTERM', (signal) => void stop(signal));
  process.on('SIGINT', (signal) => void stop(signal));
}

countBuffersAsHeap();
main().catch((error: unknown) => {
  process.stderr.write(`xg2g-transcoder: ${errorMessage(error)} [${errorCode(error)}]\n`);
  process.exit(1);
});
