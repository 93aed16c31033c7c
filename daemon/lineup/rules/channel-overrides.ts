import { join } from 'node:path';
import { z } from 'zod';
import { StateFile, type StateFileOptions } from '../state-file.ts';

/** What somebody set for one channel, over whatever box and rules say. Absent leaves it. */
export interface ChannelOverride {
  readonly name?: string | undefined;
  readonly number?: number | undefined;
  readonly hidden?: boolean | undefined;
  readonly group?: string | undefined;
  readonly logo?: string | undefined;
}

/** The name of a file in `own-logos`, or an http(s) URL. A path of its own only the configuration may name. */
const logo = z
  .string()
  .trim()
  .max(2_000)
  .regex(/^(?:https?:\/\/\S+|[A-Za-z0-9][A-Za-z0-9 ._-]{0,120})$/);
const text = z.string().trim().min(1).max(200);

const fields = {
  name: text,
  number: z.int().min(1).max(99_999),
  hidden: z.boolean(),
  group: text,
  logo,
};

const override = z.strictObject(fields).partial();

/** A change of an override, as JSON Merge Patch has it (RFC 7396): null takes a field back. */
export const overridePatch = z.strictObject({
  name: fields.name.nullable().optional(),
  number: fields.number.nullable().optional(),
  hidden: fields.hidden.nullable().optional(),
  group: fields.group.nullable().optional(),
  logo: fields.logo.nullable().optional(),
});
export type OverridePatch = z.output<typeof overridePatch>;

const channelId = z.string().regex(/^[0-9a-z-]{1,64}$/);
const file = z.object({ version: z.literal(1), channels: z.record(channelId, override) });

/** `channels.json` in the data folder: what was set for channels through the API. */
export class ChannelOverrides {
  readonly #file: StateFile<typeof file>;
  readonly #overrides: Map<string, ChannelOverride>;

  constructor(options: {
    readonly dataFolder: string;
    readonly onWarning: (text: string) => void;
    readonly writeText?: StateFileOptions<typeof file>['writeText'];
  }) {
    const { dataFolder, onWarning, writeText } = options;
    const path = join(dataFolder, 'channels.json');
    this.#file = new StateFile({ path, schema: file, onWarning, ...(writeText === undefined ? {} : { writeText }) });
    this.#overrides = new Map(Object.entries(this.#file.read()?.channels ?? {}));
  }

  /** Why the last change is not on the disk; null while all is well. */
  get problem(): string | null {
    return this.#file.problem;
  }

  of(channel: string): ChannelOverride | null {
    return this.#overrides.get(channel) ?? null;
  }

  /** In force at once; resolves when it is on the disk or known not to be (`problem`). */
  patch(channel: string, patch: OverridePatch): Promise<void> {
    const before: Record<string, unknown> = { ...this.#overrides.get(channel) };
    const merged = Object.entries({ ...before, ...patch }).filter(([, value]) => value !== null && value !== undefined);
    if (merged.length === 0) this.#overrides.delete(channel);
    else this.#overrides.set(channel, Object.fromEntries(merged));
    return this.#file.write({ version: 1, channels: Object.fromEntries(this.#overrides) });
  }
}
