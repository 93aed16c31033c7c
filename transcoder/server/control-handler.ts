import { monitorEventLoopDelay } from 'node:perf_hooks';
import { XgError } from '#shared/errors.ts';
import {
  CONTROL_PROTOCOL_VERSION,
  type ControlMethod,
  type ControlRequest,
  type ControlResult,
  type TranscoderStats,
} from '#shared/ipc/control.ts';
import type { SessionRegistry } from '../session/registry.ts';
import { CardMaker } from '../video/card-maker.ts';
import type { ControlHandler } from './control-server.ts';

export interface ControlHandlerOptions {
  readonly sessions: SessionRegistry;
  readonly capabilities: ControlResult<'capabilities'>;
  readonly build: string;
}

/** The monitor wakes the process so often, streams or none. */
const LOOP_DELAY_RESOLUTION_MS = 100;

/** Answers the requests of the control socket. */
export function createControlHandler(options: ControlHandlerOptions): ControlHandler {
  const loopDelay = monitorEventLoopDelay({ resolution: LOOP_DELAY_RESOLUTION_MS });
  loopDelay.enable();
  const stats = (): TranscoderStats => {
    const cpu = process.cpuUsage();
    const result = {
      uptimeSeconds: process.uptime(),
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      memoryBytes: process.memoryUsage.rss(),
      eventLoopDelayMs: Number.isNaN(loopDelay.mean) ? 0 : loopDelay.percentile(99) / 1e6,
      sessionsOpened: options.sessions.opened,
      bytesProcessed: options.sessions.bytesProcessed,
      sessions: options.sessions.stats(),
    };
    loopDelay.reset();
    return result;
  };
  const cards = new CardMaker();
  return (request: ControlRequest): ControlResult<ControlMethod> | Promise<ControlResult<ControlMethod>> => {
    switch (request.method) {
      case 'hello':
        if (request.params.version !== CONTROL_PROTOCOL_VERSION) {
          const versions = `version ${request.params.version}, this transcoder speaks ${CONTROL_PROTOCOL_VERSION}`;
          throw new XgError('BAD_VERSION', `the daemon speaks control ${versions}: update both packages together`);
        }
        return { version: CONTROL_PROTOCOL_VERSION, build: options.build, pid: process.pid };
      case 'capabilities':
        return options.capabilities;
      case 'session.open':
        return { token: options.sessions.open(request.params) };
      case 'session.close':
        return { closed: options.sessions.close(request.params.token) };
      case 'card.make':
        return cards.make(request.params);
      case 'stats':
        return stats();
      case 'health':
        return { status: 'ok', sessions: options.sessions.size };
    }
  };
}
