import type { Context, Middleware } from 'koa';
import { type Clock, SYSTEM_CLOCK } from '#shared/clock.ts';
import { XgError } from '#shared/errors.ts';
import type { AccessPolicy, AccessUser } from '../../config/access-policy.ts';
import type { ErrorStatusTable } from '../problem.ts';
import { type Credentials, parseAuthorization } from './authorization.ts';
import { clientAddresses } from './client-addresses.ts';
import { Digest } from './digest.ts';
import { LoginLimiter } from './login-limiter.ts';
import { isSameSecret } from './secrets.ts';
import { AuthCodes } from './url-login.ts';

export const ACCESS_ERROR_STATUS: ErrorStatusTable = {
  ACCESS_DENIED: 403,
  LOGIN_REQUIRED: 401,
  LOGIN_LIMITED: 429,
  TOKEN_REQUIRED: 401,
  CROSS_SITE: 403,
};

export interface GatePolicy extends AccessPolicy {
  readonly users: readonly AccessUser[];
  trustsProxy(address: string): boolean;
}

export interface GateOptions {
  readonly policy: GatePolicy;
  readonly token: { current(): string | null };
  /** Opens single addresses for a while (`?ticket=`). */
  readonly tickets?: { accepts(path: string, ticket: string): boolean };
  readonly clock?: Clock;
  /** An address that is turned away for the first time. */
  readonly onRefused?: (address: string) => void;
}

/** Who makes a request, by what it proves. */
type Identity =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly name: string }
  /** By a part of the address: good for watching, and for nothing else. */
  | { readonly kind: 'link'; readonly name: string | null }
  | { readonly kind: 'token' };

interface Admission {
  readonly identity: Identity;
  readonly hasUsers: boolean;
  readonly challenges: () => string[];
  /** Seconds for which no login of this address is looked at. */
  readonly waitSeconds: number;
}

const REALM = 'xg2g';
/** For whoever watches over the service: they say that it runs and nothing else. */
const OPEN_PATHS = new Set(['/healthz', '/readyz']);
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);
/** After so many addresses the log says no more of them. */
const MAX_REFUSED = 100;
const admissions = new WeakMap<object, Admission>();

/**
 * Stands before every route. Reading and the television are for the addresses of the house, for users with a password
 * and for the token; every method that writes under `/api/v1/` wants the token. Routes that write by other means ask
 * `requireWrite` themselves.
 */
export function accessGate(options: GateOptions): Middleware {
  const { policy, token } = options;
  const clock = options.clock ?? SYSTEM_CLOCK;
  const limiter = new LoginLimiter(clock);
  const codes = new AuthCodes(token);
  const refused = new Set<string>();
  const digest = new Digest({ realm: REALM, clock });

  return async (ctx, next) => {
    const addresses = clientAddresses(ctx.req, (address) => policy.trustsProxy(address));
    ctx.request.ip = addresses.client;
    if (OPEN_PATHS.has(ctx.path)) return next();
    const isInside = addresses.all.every((address) => policy.allowsAnonymous(address));
    const credentials = parseAuthorization(ctx.req.headers.authorization);
    let waitSeconds = limiter.waitSeconds(addresses.client);
    let verdict: Verdict = ANONYMOUS;
    if (credentials !== null && waitSeconds === 0) {
      verdict = verify(ctx, credentials);
      if (verdict.isWrong) {
        limiter.failed(addresses.client);
        waitSeconds = limiter.waitSeconds(addresses.client);
      } else if (verdict.identity.kind !== 'anonymous') limiter.succeeded(addresses.client);
    }
    const { isStale } = verdict;
    const identity = verdict.identity.kind === 'anonymous' ? byAddress(ctx, addresses.client) : verdict.identity;
    const hasUsers = policy.users.length > 0;
    const challenges = (): string[] =>
      hasUsers ? [...digest.challenges({ stale: isStale }), `Basic realm="${REALM}", charset="UTF-8"`] : [];
    const admission: Admission = { identity, hasUsers, challenges, waitSeconds };
    admissions.set(ctx.req, admission);
    if (identity.kind === 'anonymous' && !isInside) {
      tellOnce(addresses.client);
      refuse(ctx, admission, addresses.all);
    }
    // The router does not mind the case of letters.
    if (/^\/api\/v1\//i.test(ctx.path) && !READING.has(ctx.method)) requireWrite(ctx);
    return next();
  };

  function tellOnce(address: string): void {
    if (refused.has(address) || refused.size >= MAX_REFUSED) return;
    refused.add(address);
    options.onRefused?.(address);
  }

  function byAddress(ctx: Context, client: string): Identity {
    const parameter = (name: string): string => [ctx.query[name] ?? ''].flat()[0] ?? '';
    const [ticket, code] = [parameter('ticket'), parameter('auth')];
    if (!READING.has(ctx.method)) return ANONYMOUS.identity;
    if (ticket !== '' && options.tickets?.accepts(ctx.path, ticket) === true) return { kind: 'link', name: null };
    if (code === '' || limiter.waitSeconds(client) > 0) return ANONYMOUS.identity;
    const user = codes.userOf(code, policy.users);
    if (user === null) limiter.failed(client);
    return user === null ? ANONYMOUS.identity : { kind: 'link', name: user.name };
  }

  function verify(ctx: Context, credentials: Credentials): Verdict {
    if (credentials.scheme === 'bearer') {
      const wanted = token.current();
      return wanted !== null && isSameSecret(credentials.token, wanted) ? { ...ANONYMOUS, identity: TOKEN } : WRONG;
    }
    const name = credentials.scheme === 'basic' ? credentials.name : credentials.fields.username;
    const user = policy.user(name);
    // Somebody who is not there has a password nobody can know: no answer is faster for him.
    const password = user?.password ?? NOBODYS_PASSWORD;
    if (credentials.scheme === 'basic') {
      const isRight = isSameSecret(credentials.password, password) && user !== null;
      return isRight ? { ...ANONYMOUS, identity: { kind: 'user', name } } : WRONG;
    }
    const { fields } = credentials;
    const outcome = digest.verify({ method: ctx.method, target: ctx.req.url ?? '', fields, password });
    if (outcome === 'stale') return { ...ANONYMOUS, isStale: true };
    return outcome === 'right' && user !== null ? { ...ANONYMOUS, identity: { kind: 'user', name } } : WRONG;
  }
}

interface Verdict {
  readonly identity: Identity;
  readonly isWrong: boolean;
  /** Ask again with a new nonce: nothing is wrong yet. */
  readonly isStale: boolean;
}

const ANONYMOUS: Verdict = { identity: { kind: 'anonymous' }, isWrong: false, isStale: false };
const WRONG: Verdict = { ...ANONYMOUS, isWrong: true };
const TOKEN: Identity = { kind: 'token' };
const NOBODYS_PASSWORD = crypto.randomUUID();

function refuse(ctx: Context, admission: Admission, addresses: readonly string[]): never {
  if (admission.waitSeconds > 0) throw limited(ctx, admission.waitSeconds);
  if (admission.hasUsers) {
    ctx.set('WWW-Authenticate', admission.challenges());
    throw new XgError('LOGIN_REQUIRED', 'This address has no access without a login: a user of access.users');
  }
  const from = [...new Set(addresses)].join(', ').slice(0, 200);
  throw new XgError(
    'ACCESS_DENIED',
    `Requests from ${from} are not allowed. On the machine of xg2g: put the network into access.networks (XG2G_ACCESS_NETWORKS, default "private, local"), or make a user in access.users (XG2G_ACCESS_USERS) to log in with`,
  );
}

function limited(ctx: Context, waitSeconds: number): XgError {
  ctx.set('Retry-After', String(waitSeconds));
  return new XgError('LOGIN_LIMITED', `Too many wrong logins from this address; try again in ${waitSeconds} s`);
}

/** The user who makes a request; null for nobody in particular. */
export function userOf(ctx: Context): string | null {
  const identity = admissions.get(ctx.req)?.identity;
  return identity?.kind === 'user' || identity?.kind === 'link' ? identity.name : null;
}

/**
 * For routes that change something: the request must carry the token (`Authorization: Bearer`). With `users` a named
 * user will do too, for protocols whose clients know no token; a browser that logs in by itself when another site tells
 * it to is refused there. The token needs no such care: no browser sends it by itself.
 *
 * @throws XgError `TOKEN_REQUIRED`, `LOGIN_REQUIRED`, `LOGIN_LIMITED`, `CROSS_SITE`.
 */
export function requireWrite(ctx: Context, options: { users?: boolean } = {}): void {
  const admission = admissions.get(ctx.req);
  if (admission?.identity.kind === 'token') return;
  if (admission?.identity.kind === 'user' && options.users === true) {
    if (!isCrossSite(ctx)) return;
    throw new XgError('CROSS_SITE', 'A page of another site may not change anything here');
  }
  if (admission !== undefined && admission.waitSeconds > 0) throw limited(ctx, admission.waitSeconds);
  const withUsers = options.users === true && admission?.hasUsers === true;
  ctx.set('WWW-Authenticate', [...(withUsers ? admission.challenges() : []), `Bearer realm="${REALM}"`]);
  if (withUsers) throw new XgError('LOGIN_REQUIRED', 'This needs a user of access.users, or the token (xg2g token)');
  const users = options.users === true ? ', or a user: there is none in access.users (XG2G_ACCESS_USERS)' : '';
  throw new XgError(
    'TOKEN_REQUIRED',
    `This needs the API token as "Authorization: Bearer ...": \`xg2g token\` on the machine of xg2g shows it${users}`,
  );
}

/** Spec: Fetch Metadata Request Headers, 2.3 Sec-Fetch-Site; RFC 6454, 7 The HTTP Origin Header Field. */
function isCrossSite(ctx: Context): boolean {
  const site = ctx.get('sec-fetch-site');
  if (site !== '') return site !== 'same-origin' && site !== 'none';
  const origin = ctx.get('origin');
  return origin !== '' && URL.parse(origin)?.host !== ctx.get('host');
}
