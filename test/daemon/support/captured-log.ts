import { createLogger, type Logger, type LogLevel } from '#shared/observability/logger.ts';

export interface CapturedLog {
  readonly logger: Logger;
  readonly lines: Array<Record<string, unknown>>;
  /** The texts of one level. */
  messages(level: string): string[];
}

export function captureLog(level: LogLevel = 'debug'): CapturedLog {
  const lines: Array<Record<string, unknown>> = [];
  const logger = createLogger({
    name: 'test',
    level,
    destination: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  return {
    logger,
    lines,
    messages: (wanted) => lines.filter((line) => line['level'] === wanted).map((line) => String(line['msg'])),
  };
}
