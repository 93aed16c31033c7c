import type { ActiveFaults } from '../active-faults.ts';
import type { Box } from '../box/box.ts';
import type { Movie } from '../box/movies.ts';
import type { LoopLibrary } from '../playout/library.ts';
import { MovieFile } from '../playout/movie-file.ts';

export interface WebContext {
  readonly box: Box;
  readonly library: LoopLibrary;
  readonly clock: () => number;
  readonly startPcr: number;
  readonly login: { readonly user: string; readonly pass: string } | null;
  readonly faults: ActiveFaults;
  /** Of the stream server and the relay. */
  readonly ports: () => { readonly stream: number; readonly relay: number };
}

export function openMovie(context: WebContext, movie: Movie): Promise<MovieFile> {
  return MovieFile.open(movie, context.library, context.clock, context.startPcr);
}
