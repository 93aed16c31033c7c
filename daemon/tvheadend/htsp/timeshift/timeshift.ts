import type { AccessUnit } from '../demux/access-unit.ts';
import type { LiveProgramme } from '../live/live-programme.ts';
import type { Tape, TapeEntry } from './tape.ts';
import { NORMAL_SPEED, TapePlayer } from './tape-player.ts';
import type { TapeHold } from './tapes.ts';

export interface TimeshiftOptions {
  readonly programme: LiveProgramme;
  readonly record: (onChange: () => void) => TapeHold;
  /** How far back the client may go. */
  readonly periodTicks: number;
  /** A unit of the past. False: enough for now. */
  readonly onUnit: (unit: AccessUnit) => boolean;
  /** What was sent and still waits is not wanted any more. */
  readonly onCut: () => void;
  /** Live again, from this unit on. */
  readonly onLive: (sequence: number) => void;
  /** Another speed than was asked for. */
  readonly onSpeed: (speed: number) => void;
}

export interface TimeshiftStatus {
  readonly isFull: boolean;
  /** How far behind what is live. */
  readonly shiftTicks: number;
  readonly startDts: number | null;
  readonly endDts: number | null;
}

/**
 * Where one client is in the past of its channel. Live until it stops, goes back or is slowed down; then a player of the
 * channel's tape serves it, until it has caught up or the tape is gone.
 */
export class Timeshift {
  readonly #options: TimeshiftOptions;
  readonly #hold: TapeHold;
  #player: TapePlayer | null = null;
  #afterSkip: TapeEntry | null = null;

  constructor(options: TimeshiftOptions) {
    this.#options = options;
    this.#hold = options.record(() => this.#onTapeChange());
  }

  /** Not live: what comes now is not for it. */
  get isShifted(): boolean {
    return this.#player !== null;
  }

  /** Null while there is no tape: then nothing of it is offered. */
  get status(): TimeshiftStatus | null {
    const { tape } = this.#hold;
    if (tape === null) return null;
    const end = tape.endDts;
    const current = this.#player?.dts ?? end;
    return {
      isFull: tape.isFull,
      shiftTicks: end === null || current === null || this.#player === null ? 0 : end - current,
      startDts: this.#oldest(tape)?.dts ?? null,
      endDts: end,
    };
  }

  get positionDts(): number {
    return this.#player?.dts ?? this.#hold.tape?.endDts ?? 0;
  }

  /** `nextSequence`: of the unit that the client has not got yet. The result is the speed that is in force now. */
  setSpeed(speed: number, nextSequence: number): number {
    if (this.#player !== null) {
      this.#player.setSpeed(speed);
      return speed;
    }
    const { tape } = this.#hold;
    // Nobody can be faster than what is live.
    if (tape === null || speed >= NORMAL_SPEED) return NORMAL_SPEED;
    const entry = tape.entryBefore(nextSequence) ?? tape.last;
    if (entry === null) return NORMAL_SPEED;
    this.#play(tape, entry, nextSequence, speed);
    return speed;
  }

  /** To the picture to begin with at or before a time. Its time; null when there is none. `afterSkip` begins it. */
  skip(dts: number): number | null {
    const { tape } = this.#hold;
    const oldest = tape === null ? null : this.#oldest(tape);
    if (tape === null || oldest === null) return null;
    const entry = tape.entryAt(Math.max(dts, oldest.dts));
    if (entry === null) return null;
    this.#options.onCut();
    this.#afterSkip = entry;
    return entry.dts;
  }

  /** The client was told of the skip: now what follows. */
  afterSkip(): void {
    const entry = this.#afterSkip;
    const { tape } = this.#hold;
    this.#afterSkip = null;
    if (entry === null || tape === null) return;
    const speed = this.#player?.speed ?? NORMAL_SPEED;
    this.#player?.close();
    this.#play(tape, entry, entry.sequence, speed);
  }

  goLive(): void {
    if (this.#player === null) return;
    const wasNormal = this.#player.speed === NORMAL_SPEED;
    this.#player.close();
    this.#player = null;
    this.#options.onCut();
    if (!wasNormal) this.#options.onSpeed(NORMAL_SPEED);
    this.#options.onLive(this.#options.programme.joinSequence);
  }

  close(): void {
    this.#player?.close();
    this.#player = null;
    this.#hold.release();
  }

  #play(tape: Tape, entry: TapeEntry, sequence: number, speed: number): void {
    const { programme, onUnit, onCut, onLive, onSpeed } = this.#options;
    this.#player = new TapePlayer(tape, programme, entry, sequence, speed, {
      onUnit,
      onCut,
      onSpeed,
      onLive: (next) => {
        this.#player = null;
        onLive(next);
      },
      onLost: () => this.goLive(),
    });
  }

  /** The period that was asked for may be shorter than the tape. */
  #oldest(tape: Tape): TapeEntry | null {
    const end = tape.endDts;
    return end === null ? tape.first : tape.entryAt(end - this.#options.periodTicks);
  }

  /** Another tape, or none: what it played is gone. */
  #onTapeChange(): void {
    if (this.#player !== null) this.goLive();
  }
}
