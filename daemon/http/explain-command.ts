import { z } from 'zod';
import { errorMessage, XgError } from '#shared/errors.ts';

const answerSchema = z.object({ words: z.array(z.string()) });
const problemSchema = z.object({ detail: z.string() });
const TIMEOUT_MS = 5_000;

export interface ExplainOptions {
  /** Of the running daemon, without a trailing slash. */
  readonly url: string;
  readonly channel: string;
  /** The API's token, for a daemon that does not let this machine in without; null where it cannot be read. */
  readonly token: string | null;
  /** The whole answer instead of its words. */
  readonly json: boolean;
}

/**
 * `xg2g explain`: asks the running daemon what it would do with a channel.
 *
 * @throws XgError `EXPLAIN_FAILED` with what the daemon says, or that it does not run.
 */
export async function explainChannel({ url, channel, token, json }: ExplainOptions): Promise<string> {
  const address = `${url}/api/v1/explain/${encodeURIComponent(channel)}`;
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS), headers });
    body = await response.json();
  } catch (cause) {
    const text = `xg2g does not answer at ${url} (${errorMessage(cause)}). Does it run? --url names another address`;
    throw new XgError('EXPLAIN_FAILED', text, { cause });
  }
  if (!response.ok) {
    const detail = problemSchema.safeParse(body).data?.detail ?? `status ${response.status}`;
    throw new XgError('EXPLAIN_FAILED', detail);
  }
  if (json) return `${JSON.stringify(body, null, 2)}\n`;
  const answer = answerSchema.safeParse(body);
  if (!answer.success) throw new XgError('EXPLAIN_FAILED', `What answers at ${url} is not xg2g`);
  return `${answer.data.words.join('\n')}\n`;
}

/** Where the daemon that is configured like this listens, seen from this machine. */
export function localUrl(listen: { readonly host: string | null; readonly port: number }): string {
  const host = listen.host === null || listen.host === '0.0.0.0' || listen.host === '::' ? '127.0.0.1' : listen.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${listen.port}`;
}
