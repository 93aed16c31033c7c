import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode, errorMessage } from '#shared/errors.ts';
import { replaceJson } from '#shared/replace-json.ts';

const stored = z.record(z.string(), z.object({ macs: z.array(z.string()).max(16) }));

/**
 * What must be known of a box while it sleeps: its hardware addresses, learned while it was awake, kept in the data
 * folder.
 */
export class KnownBoxes {
  readonly #path: string;
  readonly #onWarning: (text: string) => void;
  #macs: Map<string, readonly string[]>;

  constructor(options: { dataFolder: string; onWarning: (text: string) => void }) {
    this.#path = join(options.dataFolder, 'receivers.json');
    this.#onWarning = options.onWarning;
    this.#macs = this.#read();
  }

  /** By the address under which the box is configured. */
  macsOf(address: string): readonly string[] {
    return this.#macs.get(address) ?? [];
  }

  remember(address: string, macs: readonly string[]): void {
    if (macs.length === 0 || this.macsOf(address).join() === macs.join()) return;
    this.#macs.set(address, [...macs]);
    this.#write();
  }

  #read(): Map<string, readonly string[]> {
    try {
      const content = stored.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
      return new Map(Object.entries(content).map(([address, { macs }]) => [address, macs]));
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') {
        this.#onWarning(`${this.#path} cannot be read (${errorMessage(error)}); what it held is learned again`);
      }
      return new Map();
    }
  }

  #write(): void {
    const content = Object.fromEntries([...this.#macs].map(([address, macs]) => [address, { macs }]));
    try {
      replaceJson(this.#path, content);
    } catch (error) {
      this.#onWarning(`${this.#path} cannot be written (${errorMessage(error)}); check XG2G_DATA`);
    }
  }
}
