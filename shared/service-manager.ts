import { execFile } from 'node:child_process';
import { errorCode, errorMessage } from './errors.ts';
import type { Logger } from './observability/logger.ts';

/**
 * What a service tells systemd about itself.
 *
 * Spec: sd_notify(3), sd_watchdog_enabled(3). Node has no datagram sockets of AF_UNIX, so the messages go through
 * `systemd-notify`, a short-lived child: the unit needs NotifyAccess=all.
 */
export interface ServiceManager {
  /** It serves from now on. Begins to answer the watchdog. */
  ready(): void;
  /** One line for `systemctl status`. */
  status(text: string): void;
  /** It ends; it answers the watchdog no more. */
  stopping(): void;
}

export interface NotifyEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined;
  readonly WATCHDOG_USEC?: string | undefined;
  readonly WATCHDOG_PID?: string | undefined;
}

export interface ServiceManagerOptions {
  readonly environment: NotifyEnvironment;
  readonly pid: number;
  readonly logger: Logger;
  /** Sends assignments such as `READY=1`. Default: `systemd-notify`. */
  readonly send?: (assignments: readonly string[]) => Promise<void>;
}

/** The service manager that started this process; without one every call does nothing. */
export function serviceManager(options: ServiceManagerOptions): ServiceManager {
  if ((options.environment.NOTIFY_SOCKET ?? '') === '')
    return { ready: () => {}, status: () => {}, stopping: () => {} };
  return new Systemd(options);
}

class Systemd implements ServiceManager {
  readonly #options: ServiceManagerOptions;
  readonly #send: (assignments: readonly string[]) => Promise<void>;
  #sending: Promise<void> = Promise.resolve();
  #watchdog: NodeJS.Timeout | null = null;
  #failed = false;

  constructor(options: ServiceManagerOptions) {
    this.#options = options;
    this.#send = options.send ?? runSystemdNotify;
  }

  ready(): void {
    this.#tell('READY=1');
    const intervalMs = watchdogIntervalMs(this.#options.environment, this.#options.pid);
    if (intervalMs === null) return;
    // The event loop's own timer: a loop that is blocked sends nothing and is restarted.
    this.#watchdog = setInterval(() => this.#tell('WATCHDOG=1'), intervalMs);
    this.#watchdog.unref();
  }

  status(text: string): void {
    this.#tell(`STATUS=${text}`);
  }

  stopping(): void {
    if (this.#watchdog !== null) clearInterval(this.#watchdog);
    this.#tell('STOPPING=1');
  }

  /** Messages go one after the other: the last status is the one that stays. */
  #tell(...assignments: readonly string[]): void {
    this.#sending = this.#sending.then(() =>
      this.#send(assignments).then(
        () => {
          this.#failed = false;
        },
        (error: unknown) => {
          if (this.#failed) return;
          this.#failed = true;
          const reason = `systemd-notify failed (${errorMessage(error)}) [${errorCode(error)}]`;
          this.#options.logger.warn(`${reason}: systemd cannot know how this service is and may restart it`);
        },
      ),
    );
  }
}

/** Milliseconds between two signs of life: half of what the manager waits. Null when it does not wait for this process. */
export function watchdogIntervalMs(environment: NotifyEnvironment, pid: number): number | null {
  const { WATCHDOG_USEC, WATCHDOG_PID } = environment;
  if (WATCHDOG_PID !== undefined && WATCHDOG_PID !== String(pid)) return null;
  const microseconds = Number(WATCHDOG_USEC);
  return WATCHDOG_USEC !== undefined && Number.isSafeInteger(microseconds) && microseconds > 0
    ? Math.max(1, Math.floor(microseconds / 2000))
    : null;
}

const NOTIFY_TIMEOUT_MS = 5_000;

function runSystemdNotify(assignments: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('systemd-notify', [...assignments], { timeout: NOTIFY_TIMEOUT_MS }, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
