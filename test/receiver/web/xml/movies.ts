import type { Box } from '../../box/box.ts';
import { MOVIE_DIRECTORY } from '../../box/movies.ts';
import { movieFacts, type OpenMovie } from '../answers/movies.ts';
import { document, elements, within } from './elements.ts';

export async function movieListXml(box: Box, directory: string, open: OpenMovie): Promise<string> {
  const isRoot = directory === '' || directory.replace(/\/$/, '') === MOVIE_DIRECTORY.replace(/\/$/, '');
  const movies = isRoot ? await movieFacts(box, open) : [];
  const rows = movies.map(({ movie, ref, length, size }) =>
    within(
      'e2movie',
      elements({
        e2servicereference: ref,
        e2title: movie.title,
        e2description: movie.description,
        e2descriptionextended: movie.descriptionExtended,
        e2servicename: movie.service.name,
        e2time: movie.begin,
        e2length: length,
        e2tags: movie.tags,
        e2filename: movie.path,
        e2filesize: size,
      }),
    ),
  );
  return document(within('e2movielist', ...rows));
}
