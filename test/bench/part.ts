/** One figure with its goal: `met` is null where there is none. */
export interface Figure {
  readonly what: string;
  readonly value: string;
  readonly goal: string;
  readonly met: boolean | null;
}

export interface PartResult {
  /** Goes into results/<part>.json. */
  readonly data: unknown;
  readonly figures: readonly Figure[];
  /** SVG by file name. */
  readonly plots?: Readonly<Record<string, string>>;
}

export interface BenchContext {
  /** Length of a measurement in real time. */
  readonly seconds: number;
  readonly say: (text: string) => void;
}

export type BenchPart = (context: BenchContext) => Promise<PartResult>;

/** A figure that has to stay at or under its goal. */
export function atMost(what: string, value: number, goal: number, unit: string, digits = 1): Figure {
  return { what, value: `${value.toFixed(digits)} ${unit}`, goal: `≤ ${goal} ${unit}`, met: value <= goal };
}

export function atLeast(what: string, value: number, goal: number, unit: string, digits = 1): Figure {
  return { what, value: `${value.toFixed(digits)} ${unit}`, goal: `≥ ${goal} ${unit}`, met: value >= goal };
}

export function plain(what: string, value: string): Figure {
  return { what, value, goal: '', met: null };
}
