import { pino } from 'pino';

/** What the rest of the system needs of a logger: pino's own signature, so that any pino child fits. */
export type Logger = Pick<
  pino.Logger,
  'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'level' | 'isLevelEnabled'
> & {
  child(bindings: Record<string, unknown>): Logger;
};

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where the lines go; the default is standard output, written synchronously so that the last line before a crash survives. */
export interface LogDestination {
  write(line: string): void;
}

const SECRETS = ['authorization', 'password', 'pass', 'cookie', 'token', 'apiToken'];

/** Fields that never reach the output, at the top level and one level down. */
const REDACTED_PATHS = SECRETS.flatMap((name) => [name, `*.${name}`]).concat([
  '*.headers.authorization',
  '*.headers.cookie',
]);

/**
 * A logger that writes one JSON object per line: `level` as a word, `time` in ISO 8601, `name` the process.
 * An `err` or `error` field that holds an Error becomes its type, message, code and stack.
 */
export function createLogger(options: { name: string; level?: LogLevel; destination?: LogDestination }): Logger {
  const settings: pino.LoggerOptions = {
    name: options.name,
    level: options.level ?? 'info',
    timestamp: pino.stdTimeFunctions.isoTime,
    base: { pid: process.pid },
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
    redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
  };
  const children = new Children();
  settings.onChild = (child) => children.add(child);
  const logger = pino(settings, options.destination ?? pino.destination({ dest: 1, sync: true }));
  CHILDREN.set(logger, children);
  return logger;
}

/** Changes the level of a logger that `createLogger` made, and of all its children. */
export function setLogLevel(logger: Logger, level: LogLevel): void {
  if (logger.level === level) return;
  logger.level = level;
  CHILDREN.get(logger)?.setLevel(level);
}

const CHILDREN = new WeakMap<Logger, Children>();

/** A child keeps the level it was made with; there is one per stream and session, forgotten with it. */
class Children {
  readonly #refs = new Set<WeakRef<pino.Logger>>();
  readonly #gone = new FinalizationRegistry<WeakRef<pino.Logger>>((ref) => this.#refs.delete(ref));

  add(child: pino.Logger): void {
    const ref = new WeakRef(child);
    this.#refs.add(ref);
    this.#gone.register(child, ref);
  }

  setLevel(level: LogLevel): void {
    for (const ref of this.#refs) {
      const child = ref.deref();
      if (child !== undefined) child.level = level;
    }
  }
}

/** A logger that writes nothing: for tests and for parts whose caller does not care. */
export function createSilentLogger(): Logger {
  return pino({ level: 'silent' });
}
