/** Who asks. */
export interface LockClient {
  readonly address: string;
  /** Sent with the request; null without. */
  readonly lockkey: number | null;
}

/**
 * The lock of one tuner. While it is locked, only who sends the same key may set anything of it; anybody may read, and
 * anybody may force it open, as with the device.
 */
export class LockKey {
  #locked: { readonly key: number; readonly address: string } | null = null;

  /** The address of its owner; null while it is not locked. */
  get owner(): string | null {
    return this.#locked?.address ?? null;
  }

  /** Whether this client may set variables of the tuner. */
  admits({ lockkey }: LockClient): boolean {
    return this.#locked === null || this.#locked.key === lockkey;
  }

  open(): void {
    this.#locked = null;
  }

  /**
   * `none` opens it, `force` even without the key; a number locks it, or gives it another key.
   * False: it is somebody else's, or that was no key.
   */
  set(value: string, client: LockClient): 'done' | 'locked' | 'invalid' {
    const wanted = value.trim().toLowerCase();
    if (wanted === 'force') {
      this.open();
      return 'done';
    }
    const key = /^\d{1,10}$/.test(wanted) ? Number(wanted) : null;
    if (wanted !== 'none' && (key === null || key === 0 || key > 0xffff_ffff)) return 'invalid';
    if (!this.admits(client)) return 'locked';
    this.#locked = key === null ? null : { key, address: client.address };
    return 'done';
  }
}
