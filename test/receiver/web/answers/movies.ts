/** The JSON answers of OpenWebif about recordings. */
import type { Box } from '../../box/box.ts';
import { MOVIE_DIRECTORY, type Movie, movieRef } from '../../box/movies.ts';
import type { MovieFile } from '../../playout/movie-file.ts';

export type OpenMovie = (movie: Movie) => Promise<MovieFile>;

export interface MovieFacts {
  readonly movie: Movie;
  readonly ref: string;
  /** "mm:ss", minutes beyond 59 too. */
  readonly length: string;
  readonly size: number;
}

export async function movieFacts(box: Box, open: OpenMovie): Promise<MovieFacts[]> {
  return Promise.all(
    box.movies.all.map(async (movie) => {
      const seconds = Math.floor(box.movies.lengthSeconds(movie));
      const length = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
      return { movie, ref: movieRef(movie), length, size: (await open(movie)).size };
    }),
  );
}

export async function movieList(box: Box, directory: string, open: OpenMovie): Promise<object> {
  const isRoot = directory === '' || directory === MOVIE_DIRECTORY || `${directory}/` === MOVIE_DIRECTORY;
  const movies = isRoot ? await movieFacts(box, open) : [];
  return {
    directory: isRoot ? MOVIE_DIRECTORY : directory,
    bookmarks: [],
    locations: [MOVIE_DIRECTORY],
    movies: movies.map(({ movie, ref, length, size }) => ({
      filename: movie.path,
      filename_stripped: movie.path.slice(MOVIE_DIRECTORY.length),
      fullname: ref,
      serviceref: ref,
      eventname: movie.title,
      servicename: movie.service.name,
      description: movie.description,
      descriptionExtended: movie.descriptionExtended,
      length,
      recordingtime: movie.begin,
      begintime: new Date(movie.begin * 1000).toUTCString(),
      filesize: size,
      lastseen: 0,
      tags: movie.tags,
    })),
  };
}

export function deleteMovie(box: Box, sRef: string): { readonly result: boolean; readonly message: string } {
  const movie = box.movies.byRef(sRef);
  if (movie === null) return { result: false, message: `Could not find movie '${sRef}'` };
  box.movies.remove(movie);
  return { result: true, message: `The movie '${movie.title}' has been deleted successfully` };
}

/** Tags are what clients keep their own notes in. */
export function movieInfo(box: Box, sRef: string, addTags: string, deleteTags: string): object {
  const movie = box.movies.byRef(sRef);
  if (movie === null) return { result: false, resulttext: 'no such movie' };
  const split = (text: string): string[] => text.split(/[ ,]/).filter((tag) => tag !== '');
  const tags = new Set(split(movie.tags));
  for (const tag of split(deleteTags)) tags.delete(tag);
  for (const tag of split(addTags)) tags.add(tag);
  movie.tags = [...tags].join(' ');
  return { result: true, title: movie.title, tags: movie.tags, cuts: [] };
}
