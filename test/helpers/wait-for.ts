import type { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** Every wait ends: with what was awaited, or with an error that names it. */
export interface WaitOptions {
  /** What is awaited, for the error's text. */
  readonly what: string;
  /** Default 20,000: a busy machine takes its time. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 20_000;

export class WaitTimeout extends Error {
  override readonly name = 'WaitTimeout';
}

/**
 * Waits until `predicate` gives a value that is not false, null or undefined. It is asked at once, and again each time the
 * function that `subscribe` was given is called. `subscribe` returns how to unsubscribe, which happens in every case.
 *
 * @throws WaitTimeout; whatever `predicate` throws.
 */
export function waitFor<T>(
  subscribe: (changed: () => void) => () => void,
  predicate: () => T | false | null | undefined,
  options: WaitOptions,
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    let unsubscribe: (() => void) | null = null;
    let settled = false;
    const settle = (finish: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      unsubscribe?.();
      finish();
    };
    const check = (): void => {
      if (settled) return;
      try {
        const value = predicate();
        if (value !== false && value !== null && value !== undefined) settle(() => resolve(value));
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const timer = setTimeout(() => {
      settle(() => reject(new WaitTimeout(`waited ${timeoutMs} ms in vain for ${options.what}`)));
    }, timeoutMs);
    unsubscribe = subscribe(check);
    if (settled)
      unsubscribe(); // the first call may come from within subscribe
    else check();
  });
}

/** Waits for an event whose arguments satisfy `accept` (default: any). Gives the arguments. */
export function waitForEvent(
  emitter: EventEmitter,
  event: string,
  options: WaitOptions & { readonly accept?: (...args: unknown[]) => boolean },
): Promise<unknown[]> {
  let found: unknown[] | null = null;
  return waitFor(
    (changed) => {
      const listener = (...args: unknown[]): void => {
        if (found !== null || (options.accept !== undefined && !options.accept(...args))) return;
        found = args;
        changed();
      };
      emitter.on(event, listener);
      return () => emitter.off(event, listener);
    },
    () => found,
    options,
  );
}

/**
 * Asks again every `everyMs` (default 50). Only for what another process shows and nobody announces, such as a page it
 * serves or a file it writes; inside one process there is always an event to wait for. An error of `predicate` counts as
 * "not yet" and becomes the timeout's cause.
 */
export async function eventually<T>(
  predicate: () => T | false | null | undefined | Promise<T | false | null | undefined>,
  options: WaitOptions & { readonly everyMs?: number },
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const deadlineMs = performance.now() + timeoutMs;
  let cause: unknown;
  while (true) {
    try {
      const value = await predicate();
      if (value !== false && value !== null && value !== undefined) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadlineMs) {
      throw new WaitTimeout(`waited ${timeoutMs} ms in vain for ${options.what}`, { cause });
    }
    await delay(options.everyMs ?? 50);
  }
}
