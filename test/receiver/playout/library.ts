import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemoService } from '../lineup/services.ts';
import { PlayableLoop } from './playable-loop.ts';

/** The loops of the services, read when they are first asked for. */
export class LoopLibrary {
  readonly #directory: string;
  readonly #loops = new Map<string, Promise<PlayableLoop>>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  get(service: DemoService, scrambled: boolean): Promise<PlayableLoop> {
    const key = `${service.sid.toString(16)}/${scrambled}`;
    let loop = this.#loops.get(key);
    if (loop === undefined) {
      loop = this.#read(service, scrambled);
      this.#loops.set(key, loop);
    }
    return loop;
  }

  async #read(service: DemoService, scrambled: boolean): Promise<PlayableLoop> {
    const path = join(this.#directory, service.sid.toString(16));
    const [bytes, times] = await Promise.all([readFile(`${path}.ts`), readFile(`${path}.times`)]);
    return new PlayableLoop({
      bytes,
      times: new Uint32Array(times.buffer.slice(times.byteOffset, times.byteOffset + times.length)), // copy: aligned
      pmtPid: service.media.pmtPid,
      scrambled,
    });
  }
}
