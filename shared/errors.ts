/**
 * The one error class of both processes. `code` is stable and may be matched; `message` is for people and says what
 * failed, where, what was expected and what to do; `data` carries the numbers (pid, offset, expected, actual).
 */
export class XgError extends Error {
  override readonly name = 'XgError';
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: { cause?: unknown; data?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = options.data ?? {};
  }
}

/** The `code` of any thrown value: ours, Node's (`ECONNREFUSED`), or `'unknown'`. */
export function errorCode(error: unknown): string {
  if (error !== null && typeof error === 'object' && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return error instanceof Error ? error.name : 'unknown';
}

/** A one-line text of any thrown value. */
export function errorMessage(error: unknown): string {
  if (error instanceof AggregateError && error.message === '' && error.errors.length > 0) {
    return errorMessage(error.errors[0]);
  }
  if (error instanceof Error) return error.message === '' ? errorCode(error) : error.message;
  return String(error);
}
