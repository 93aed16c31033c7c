import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { LiveProgramme } from '../live/live-programme.ts';
import { Tape } from './tape.ts';

export interface TapesOptions {
  readonly dataFolder: string;
  readonly settings: { readonly timeshiftMinutes: number; readonly timeshiftMegabytes: number };
  readonly logger: Logger;
}

/** A hold on a channel's tape. Release it once. */
export interface TapeHold {
  /** Null while there is none: the channel has only begun, has changed its tracks just now, or the disk is full. */
  readonly tape: Tape | null;
  release(): void;
}

interface Recorder {
  tape: Tape | null;
  holders: number;
  leave: () => void;
  readonly onChange: Set<() => void>;
}

/**
 * The tapes of all channels that somebody may rewind: one for each, however many watch it. They lie in the data folder,
 * are never larger together than is allowed, and are gone with their last viewer; what a crash left is deleted at start.
 */
export class Tapes {
  readonly #options: TapesOptions;
  readonly #folder: string;
  readonly #recorders = new Map<LiveProgramme, Recorder>();
  #bytes = 0;

  constructor(options: TapesOptions) {
    this.#options = options;
    this.#folder = join(options.dataFolder, 'timeshift');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** On disk, of all channels. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `onChange`: the hold has another tape, or none any more. */
  hold(programme: LiveProgramme, onChange: () => void): TapeHold {
    const recorder = this.#recorders.get(programme) ?? this.#record(programme);
    recorder.holders++;
    recorder.onChange.add(onChange);
    return {
      get tape() {
        return recorder.tape?.isUsable === true ? recorder.tape : null;
      },
      release: () => {
        if (!recorder.onChange.delete(onChange)) return;
        if (--recorder.holders > 0) return;
        recorder.leave();
        this.#recorders.delete(programme);
        void recorder.tape?.close();
        recorder.tape = null;
      },
    };
  }

  #record(programme: LiveProgramme): Recorder {
    const recorder: Recorder = { tape: null, holders: 0, leave: () => undefined, onChange: new Set() };
    this.#recorders.set(programme, recorder);
    const begin = (hasPictures: boolean): void => {
      void recorder.tape?.close();
      recorder.tape = this.#createTape(hasPictures, () => {
        for (const listener of [...recorder.onChange]) listener();
      });
      for (const listener of [...recorder.onChange]) listener();
    };
    recorder.leave = programme.listen({
      onTracks: (tracks) => begin(tracks.some(({ kind }) => kind === 'video')),
      onUnit: (unit, sequence) => recorder.tape?.push(unit, sequence),
      onEnd: () => undefined,
    });
    const { tracks } = programme;
    if (tracks !== null) {
      begin(tracks.some(({ kind }) => kind === 'video'));
      const from = programme.joinSequence;
      for (const [index, unit] of (programme.since(from) ?? []).entries()) recorder.tape?.push(unit, from + index);
    }
    return recorder;
  }

  #createTape(hasPictures: boolean, onFail: () => void): Tape {
    const { settings, logger } = this.#options;
    return new Tape(
      {
        folder: join(this.#folder, randomUUID()),
        maxTicks: settings.timeshiftMinutes * 60 * 90_000,
        mayGrow: (bytes) => this.#bytes + bytes <= settings.timeshiftMegabytes * 1_000_000,
        onWritten: (bytes) => {
          this.#bytes += bytes;
        },
        onFreed: (bytes) => {
          this.#bytes -= bytes;
        },
        onFail: (error: XgError) => {
          logger.warn({ code: error.code }, error.message);
          onFail();
        },
      },
      hasPictures,
    );
  }
}
