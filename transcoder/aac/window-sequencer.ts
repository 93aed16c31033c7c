/**
 * Chooses the window sequence, knowing nothing but the frame's own 2048 samples.
 *
 * A frame is written when its newest 1024 samples are in, so a short block can only come where the frame before ended
 * with a short slope: LONG_START now is what allows EIGHT_SHORT next. An attack in the newest 1024 samples before sample
 * 448 comes too late for that: this frame's flat part holds it, whatever is chosen. It stays long, and TNS and the
 * reservoir have to hold its noise together. From sample 448 on the frame ends before the attack (LONG_START is silent
 * from 576 on), and the short windows of the next begin with it. Once short windows run, they cover the newest samples
 * up to 576 too, and any further attack keeps them running.
 *
 * Spec: ISO/IEC 14496-3:2019, 4.6.11.3.2 (which sequences may follow each other).
 */
import { EIGHT_SHORT, LONG_START, LONG_STOP, ONLY_LONG, type WindowSequence } from './windows.ts';

/** The first block of the new half that short windows of the next frame can hold. */
const FIRST_IN_TIME = 3;

export function nextSequence(before: WindowSequence, lastAttack: number): WindowSequence {
  if (before === LONG_START) return EIGHT_SHORT;
  if (before === EIGHT_SHORT) return lastAttack >= 0 ? EIGHT_SHORT : LONG_STOP;
  return lastAttack >= FIRST_IN_TIME ? LONG_START : ONLY_LONG;
}
