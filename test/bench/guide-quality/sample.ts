/** A programme as a broadcaster writes it, and what a person reads in it. */
export interface Sample {
  readonly title: string;
  readonly short: string;
  readonly long: string;
  readonly genreId: number;
  readonly says: Says;
}

/** What is left out is not said. `people` counts them; `title` is given where it differs from the broadcaster's. */
export interface Says {
  readonly title?: string;
  readonly sub?: string;
  readonly s?: number;
  readonly e?: number;
  readonly of?: number;
  readonly year?: number;
  readonly from?: string;
  readonly people?: number;
  readonly age?: number;
  readonly stars?: number;
  readonly repeat?: true;
  readonly new?: true;
  readonly live?: true;
}

export function sample(title: string, short: string, long: string, genreId: number, says: Says): Sample {
  return { title, short, long, genreId, says };
}
