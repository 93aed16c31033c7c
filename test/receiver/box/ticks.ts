/** Of the system clock, with which the broadcast is timed. */
export const TICKS_PER_SECOND = 27_000_000;
