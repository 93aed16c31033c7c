import type { AccessPolicy, AccessUser } from './access-policy.ts';
import { NetworkSet } from './networks.ts';
import type { Config } from './schema.ts';

/** The policy of the settings in force: a reload is followed at the next question. */
export class ConfiguredAccess implements AccessPolicy {
  readonly #settings: () => Config['access'];
  #made: { readonly from: Config['access']; readonly networks: NetworkSet; readonly proxies: NetworkSet } | null = null;

  constructor(settings: () => Config['access']) {
    this.#settings = settings;
  }

  allowsAnonymous(address: string): boolean {
    return this.#sets().networks.has(address);
  }

  /** Whether what this address says about the client behind it (`X-Forwarded-For`) is believed. */
  trustsProxy(address: string): boolean {
    return this.#sets().proxies.has(address);
  }

  user(name: string): AccessUser | null {
    return this.#settings().users.find((user) => user.name === name) ?? null;
  }

  get users(): readonly AccessUser[] {
    return this.#settings().users;
  }

  #sets(): { readonly networks: NetworkSet; readonly proxies: NetworkSet } {
    const from = this.#settings();
    if (this.#made?.from !== from) {
      const proxies = new NetworkSet(from.trustedProxies);
      this.#made = { from, networks: new NetworkSet(from.networks), proxies };
    }
    return this.#made;
  }
}
