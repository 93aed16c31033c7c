import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { errorCode, errorMessage, XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { OpenFiles } from '../files/open-files.ts';
import type { MetadataFeed } from '../metadata/metadata-feed.ts';
import { Arguments } from '../wire/arguments.ts';
import type { HtsMap } from '../wire/message.ts';
import type { Connection } from './connection.ts';
import type { Answer, Method } from './method.ts';
import { HTSP_VERSION } from './protocol.ts';
import type { HtspServices } from './services.ts';
import type { WatchedChannel } from './watched-channel.ts';

const CHALLENGE_BYTES = 32;
/** Requests in work; beyond it a client is answered with an error. */
const MAX_IN_WORK = 64;

/** One client from its hello to its end: who it is, and what it has asked for. */
export class Session {
  readonly connection: Connection;
  readonly services: HtspServices;
  readonly logger: Logger;
  readonly challenge: Buffer = randomBytes(CHALLENGE_BYTES);
  readonly watched = new Map<number, WatchedChannel>();
  readonly files: OpenFiles;
  feed: MetadataFeed | null = null;
  /** As it calls itself. */
  clientName = 'an HTSP client';
  /** What both speak. */
  version = HTSP_VERSION;
  #user: string | null = null;
  readonly #methods: ReadonlyMap<string, Method>;
  #inWork = 0;
  readonly #gone = new AbortController();

  constructor(connection: Connection, services: HtspServices, methods: ReadonlyMap<string, Method>) {
    this.#methods = methods;
    this.connection = connection;
    this.services = services;
    this.logger = services.logger.child({ client: connection.address });
    this.files = new OpenFiles(services);
  }

  /** Aborts when the client is gone. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Null without a name. */
  get user(): string | null {
    return this.#user;
  }

  get isAllowed(): boolean {
    return this.#user !== null || this.services.access.allowsAnonymous(this.connection.address);
  }

  send(method: string, fields: HtsMap): void {
    this.connection.send({ method, ...fields });
  }

  /** False for a wrong name or digest: SHA-1 of the password and the challenge. */
  authenticate(name: string, digest: Uint8Array | null): boolean {
    const user = name === '' ? null : this.services.access.user(name);
    const expected = createHash('sha1')
      .update(user?.password ?? randomBytes(16))
      .update(this.challenge)
      .digest();
    const isRight = digest !== null && digest.length === expected.length && timingSafeEqual(digest, expected);
    if (user === null || !isRight) return false;
    this.#user = user.name;
    return true;
  }

  onMessage(message: HtsMap): void {
    const args = new Arguments(message);
    const name = args.text('method') ?? '';
    const seq = args.number('seq');
    const reply = (fields: HtsMap): void => {
      const { error, noaccess } = fields;
      this.services.metrics.requests.inc({
        outcome: error === undefined ? (noaccess === undefined ? 'ok' : 'noaccess') : 'error',
      });
      this.connection.send(seq === null ? fields : { ...fields, seq });
    };
    const method = this.#methods.get(name);
    // A client may give its name and digest with any request.
    if (this.#user === null && args.text('username') !== null && args.bytes('digest') !== null) {
      this.authenticate(args.text('username') ?? '', args.bytes('digest'));
    }
    if (method === undefined) reply({ error: 'Method not found' });
    else if (!method.isOpen && !this.isAllowed) reply({ noaccess: 1 });
    else if (this.#inWork >= MAX_IN_WORK) reply({ error: 'Too many requests at once' });
    else void this.#run(method.run, args, reply);
  }

  close(): void {
    this.#gone.abort(new XgError('ECANCELED', 'the client went away'));
    this.feed?.close();
    for (const watched of this.watched.values()) watched.close();
    this.watched.clear();
    this.files.close();
  }

  async #run(
    run: (session: Session, args: Arguments) => Answer | Promise<Answer>,
    args: Arguments,
    reply: (fields: HtsMap) => void,
  ): Promise<void> {
    this.#inWork++;
    try {
      const answer = run(this, args);
      const { fields, after } = answer instanceof Promise ? await answer : answer;
      reply(fields);
      if (!this.gone.aborted) after?.();
    } catch (error) {
      reply({ error: errorMessage(error) });
      if (!(error instanceof XgError)) this.logger.error({ err: error }, 'an HTSP request failed');
      else this.logger.debug({ code: errorCode(error) }, errorMessage(error));
    } finally {
      this.#inWork--;
    }
  }
}
