import { createHmac } from 'node:crypto';
import type { AccessUser } from '../../config/access-policy.ts';
import { isSameSecret } from './secrets.ts';

/**
 * A user's login as a part of an address (`?auth=…`), for players that know no other. It is good for watching only, and
 * ends with the user's password, or when the API token is made anew.
 */
export class AuthCodes {
  readonly #token: { current(): string | null };

  constructor(token: { current(): string | null }) {
    this.#token = token;
  }

  /** Null while there is no token to make it of. */
  codeOf(user: AccessUser): string | null {
    const key = this.#token.current();
    if (key === null) return null;
    return createHmac('sha256', key).update(`auth ${user.name}\n${user.password}`).digest('base64url').slice(0, 32);
  }

  userOf(code: string, users: readonly AccessUser[]): AccessUser | null {
    let found: AccessUser | null = null;
    // All of them are compared, so that the time says nothing.
    for (const user of users) {
      const wanted = this.codeOf(user);
      if (wanted !== null && isSameSecret(code, wanted)) found = user;
    }
    return found;
  }
}
