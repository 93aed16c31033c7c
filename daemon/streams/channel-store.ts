import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '#shared/clock.ts';
import { errorCode, errorMessage, XgError } from '#shared/errors.ts';
import { replaceJson } from '#shared/replace-json.ts';
import { ChannelMemory, type ChannelTracks } from './channel-memory.ts';
import { KnownPrograms } from './known-programs.ts';

const ratio = z.object({ num: z.int().min(1).max(1_000_000), den: z.int().min(1).max(1_000_000) });
const tracks = z.object({
  video: z.array(z.enum(['mpeg1', 'mpeg2', 'h264', 'hevc'])).max(16),
  audio: z.array(z.enum(['mpeg-audio', 'ac3', 'eac3', 'aac-adts', 'aac-latm', 'dts'])).max(64),
  format: z
    .object({
      codec: z.enum(['h264', 'mpeg2']),
      width: z.int().min(1).max(16_384),
      height: z.int().min(1).max(16_384),
      frameRate: ratio,
      sampleAspect: ratio,
    })
    .nullable(),
  seenMs: z.number(),
});
/** Pairs keep their order, which is that of the last sight. */
const stored = z.object({
  version: z.literal(1),
  channels: z.array(z.tuple([z.string().max(256), tracks])),
  /** By service reference: PAT and PMT as packets, base64. */
  tables: z.array(z.tuple([z.string().max(4_096), z.base64().max(4_096)])),
});

export interface ChannelStoreOptions {
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly onWarning: (text: string) => void;
}

/** What the largest lineups come to, twice. A larger file is none of ours. */
const MAX_BYTES = 32 * 1024 * 1024;
/** Channels are learned in bursts, while somebody zaps. */
const WRITE_AFTER_MS = 30_000;

/**
 * What is known of channels, kept over a restart in the data folder: what they carry, what their pictures look like, their
 * tables. A file that cannot be used costs what it held, which is learned again.
 */
export class ChannelStore {
  readonly memory: ChannelMemory;
  readonly known: KnownPrograms;
  readonly #options: ChannelStoreOptions;
  readonly #path: string;
  #cancelWrite: (() => void) | null = null;

  constructor(options: ChannelStoreOptions) {
    this.#options = options;
    this.#path = join(options.dataFolder, 'seen-channels.json');
    const { channels, tables } = this.#read();
    const onChange = (): void => this.#writeSoon();
    this.memory = new ChannelMemory(channels, onChange);
    this.known = new KnownPrograms(tables, onChange);
  }

  /** Writes what has changed and was not written yet. */
  close(): void {
    if (this.#cancelWrite !== null) this.#write();
  }

  #writeSoon(): void {
    this.#cancelWrite ??= this.#options.clock.after(WRITE_AFTER_MS, () => this.#write());
  }

  #read(): { channels: [string, ChannelTracks][]; tables: [string, Buffer][] } {
    try {
      const { size } = statSync(this.#path);
      if (size > MAX_BYTES) throw new XgError('CHANNELS_FILE', `it has ${size} bytes, more than ${MAX_BYTES}`);
      const { channels, tables } = stored.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
      return { channels, tables: tables.map(([ref, text]) => [ref, Buffer.from(text, 'base64')]) };
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') {
        const why = errorMessage(error).slice(0, 200);
        this.#options.onWarning(`${this.#path} cannot be read (${why}); what it held is learned again`);
      }
      return { channels: [], tables: [] };
    }
  }

  /** Complete or not at all: written beside, then put in its place. */
  #write(): void {
    this.#cancelWrite?.();
    this.#cancelWrite = null;
    const content: z.input<typeof stored> = {
      version: 1,
      channels: [...this.memory.entries()] as z.input<typeof stored>['channels'],
      tables: [...this.known.entries()].map(([ref, packets]) => [ref, packets.toString('base64')]),
    };
    try {
      // References of internet streams may hold a login.
      replaceJson(this.#path, content, { mode: 0o600 });
    } catch (error) {
      this.#options.onWarning(`${this.#path} cannot be written (${errorMessage(error)}); check XG2G_DATA`);
    }
  }
}
