import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode, errorMessage } from '#shared/errors.ts';
import { replaceJson } from '#shared/replace-json.ts';

/** What a client has made of a channel. `hidden`: it is not listed, but plays. */
export type ChannelMark = 'favourite' | 'hidden';

const stored = z.record(z.string().max(64), z.record(z.string().max(128), z.enum(['favourite', 'hidden'])));

/** Of one device. */
const MAX_MARKS = 20_000;

/** Favourites and hidden channels of each device, by channel id, so that they survive new numbers and names. */
export class ChannelMarks {
  readonly #path: string;
  readonly #onWarning: (text: string) => void;
  readonly #byDevice: Map<string, Map<string, ChannelMark>>;

  constructor(options: { dataFolder: string; onWarning: (text: string) => void }) {
    this.#path = join(options.dataFolder, 'hdhomerun-channels.json');
    this.#onWarning = options.onWarning;
    this.#byDevice = this.#read();
  }

  get(deviceId: string, channel: string): ChannelMark | null {
    return this.#byDevice.get(deviceId)?.get(channel) ?? null;
  }

  /** Null takes the mark away. What cannot be kept holds until the daemon ends; `onWarning` says so. */
  set(deviceId: string, channel: string, mark: ChannelMark | null): void {
    const marks = this.#byDevice.get(deviceId) ?? new Map<string, ChannelMark>();
    if ((marks.get(channel) ?? null) === mark) return;
    if (mark === null) marks.delete(channel);
    else if (marks.size < MAX_MARKS) marks.set(channel, mark);
    this.#byDevice.set(deviceId, marks);
    this.#write();
  }

  #read(): Map<string, Map<string, ChannelMark>> {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') this.#onWarning(`${this.#path} cannot be read (${errorMessage(error)})`);
      return new Map();
    }
    try {
      const devices = stored.parse(JSON.parse(text));
      return new Map(Object.entries(devices).map(([id, marks]) => [id, new Map(Object.entries(marks))]));
    } catch {
      this.#onWarning(`${this.#path} is damaged; favourites of HDHomeRun clients are lost`);
      return new Map();
    }
  }

  #write(): void {
    const devices = Object.fromEntries([...this.#byDevice].map(([id, marks]) => [id, Object.fromEntries(marks)]));
    try {
      replaceJson(this.#path, devices);
    } catch (error) {
      this.#onWarning(`Favourites cannot be kept in ${this.#path} (${errorMessage(error)}); check XG2G_DATA`);
    }
  }
}
