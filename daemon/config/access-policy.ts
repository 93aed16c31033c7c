/** Who may use what. Made from the configuration; every face asks the same one. */
export interface AccessPolicy {
  /**
   * Whether an address (IPv4, IPv6 or IPv4-mapped, without port and zone) may use the television side without a name:
   * playlists, guide, streams, HDHomeRun, HTSP.
   */
  allowsAnonymous(address: string): boolean;
  /** The user of that name; null for none. Compare secrets in constant time. */
  user(name: string): AccessUser | null;
}

export interface AccessUser {
  readonly name: string;
  /** In clear: digests of HTTP (RFC 7616) and HTSP are computed from it. */
  readonly password: string;
}
