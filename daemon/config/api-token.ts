import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode, errorMessage, XgError } from '#shared/errors.ts';

const TOKEN_BYTES = 32;
const TOKEN = /^[\x21-\x7e]{16,1024}$/;

export interface ApiTokenOptions {
  readonly dataFolder: string;
  /** The one of the configuration, which wins. */
  readonly configured: string | null;
}

/**
 * The secret for the API's writes: that of the configuration, or 256 bits of chance, kept in the data folder and readable
 * for its owner only.
 */
export class ApiToken {
  readonly path: string;
  readonly #options: ApiTokenOptions;
  /** Where the folder cannot be written. */
  #unkept: string | null = null;

  constructor(options: ApiTokenOptions) {
    this.#options = options;
    this.path = join(options.dataFolder, 'api-token');
  }

  /** The token now: one that `xg2g token --new` has just made counts at once. Null for none. */
  current(): string | null {
    if (this.#options.configured !== null) return this.#options.configured;
    try {
      const text = readFileSync(this.path, 'utf8').trim();
      return TOKEN.test(text) ? text : this.#unkept;
    } catch {
      return this.#unkept; // `read` says why; who asks here only wants to compare
    }
  }

  /** Makes the token if there is none yet. */
  prepare(onWarning: (text: string) => void): void {
    if (this.current() !== null) return;
    try {
      this.renew();
    } catch (error) {
      this.#unkept = newToken();
      onWarning(
        `The API token cannot be kept (${errorMessage(error)}), so nobody can read it. Set XG2G_API_TOKEN, or make ${this.#options.dataFolder} writable for this user`,
      );
    }
  }

  /** For people. @throws XgError `API_TOKEN` with what to do. */
  read(): string {
    if (this.#options.configured !== null) return this.#options.configured;
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8').trim();
    } catch (cause) {
      const advice: Readonly<Record<string, string>> = {
        ENOENT: 'there is none yet: the daemon makes it when it starts, `xg2g token --new` makes one now',
        EACCES: 'this user may not read it: run it as root (sudo xg2g token) or as the user of the daemon',
      };
      const why = advice[errorCode(cause)] ?? errorMessage(cause);
      throw new XgError('API_TOKEN', `No API token in ${this.path}: ${why}`, { cause });
    }
    if (TOKEN.test(text)) return text;
    throw new XgError('API_TOKEN', `${this.path} is damaged; \`xg2g token --new\` makes a new token`);
  }

  /** A new token in the place of the old one, for the owner of the folder. @throws XgError `API_TOKEN`. */
  renew(): string {
    if (this.#options.configured !== null) {
      throw new XgError(
        'API_TOKEN',
        'The token is set in the configuration (XG2G_API_TOKEN, http.apiToken): change it there',
      );
    }
    const { dataFolder } = this.#options;
    const token = newToken();
    try {
      mkdirSync(dataFolder, { recursive: true });
      const part = `${this.path}.new`;
      writeFileSync(part, `${token}\n`, { mode: 0o600, flush: true });
      chmodSync(part, 0o600); // one that was left behind keeps the mode it had
      const { uid, gid } = statSync(dataFolder);
      if (process.getuid?.() === 0 && uid !== 0) chownSync(part, uid, gid);
      renameSync(part, this.path);
    } catch (cause) {
      const text = `The API token cannot be written to ${this.path} (${errorMessage(cause)}); run it as root, or check XG2G_DATA`;
      throw new XgError('API_TOKEN', text, { cause });
    }
    return token;
  }
}

function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}
