import type { UpstreamListener } from '#daemon/streams/upstream.ts';
import type { XgError } from '#shared/errors.ts';
import { eventually } from '#test/helpers/wait-for.ts';

/** Takes what an upstream brings. */
export class UpstreamRecorder {
  readonly chunks: Buffer[] = [];
  readonly ends: (XgError | null)[] = [];
  readonly breaks: string[] = [];
  connects = 0;

  readonly listener: UpstreamListener = {
    onConnect: () => this.connects++,
    onBytes: (bytes) => this.chunks.push(Buffer.from(bytes)), // copy: a view
    onBreak: (reason) => this.breaks.push(reason),
    onEnd: (error) => this.ends.push(error),
  };

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  async untilBytes(count: number): Promise<Buffer> {
    await eventually(() => this.bytes.length >= count, { what: `${count} bytes`, everyMs: 5 });
    return this.bytes;
  }

  /** How it ended. */
  async end(): Promise<XgError | null> {
    await eventually(() => this.ends.length > 0, { what: 'the end of the stream', everyMs: 5 });
    return this.ends[0] ?? null;
  }
}
