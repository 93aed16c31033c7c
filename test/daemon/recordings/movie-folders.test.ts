import test from 'ava';
import type { BoxMovie, MovieFolder } from '#daemon/receiver/model.ts';
import { readMovies } from '#daemon/recordings/movie-folders.ts';
import type { RecordingReceiver } from '#daemon/recordings/recording-receiver.ts';
import { XgError } from '#shared/errors.ts';

function movie(path: string, startSeconds = 0): BoxMovie {
  const texts = { title: path, description: '', longDescription: '', serviceName: '' };
  return { ref: `1:0:0:0:0:0:0:0:0:0:${path}`, path, ...texts, startSeconds, durationSeconds: 60, sizeBytes: 188 };
}

/** A disk: folders by path. What was asked is kept. */
function disk(folders: Record<string, MovieFolder>, locations: readonly string[] | XgError = ['/hdd/movie/']) {
  const asked: (string | null)[] = [];
  const receiver: Pick<RecordingReceiver, 'movies' | 'locations'> = {
    locations: async () => {
      if (locations instanceof XgError) throw locations;
      return [...locations];
    },
    movies: async (folder) => {
      asked.push(folder);
      return folders[folder ?? ''] ?? { movies: [], folders: [] };
    },
  };
  const read = async () =>
    (await readMovies(receiver as RecordingReceiver, new AbortController().signal)).map(({ path }) => path);
  return { asked, read };
}

test('recordings of all folders are found, the newest first, each once', async (t) => {
  const { read, asked } = disk(
    {
      '/hdd/movie/': {
        movies: [movie('/hdd/movie/a.ts', 1)],
        folders: ['Serien', '.Trash', 'movie_trash', 'trashcan'],
      },
      '/hdd/movie/Serien/': { movies: [movie('/hdd/movie/Serien/b.ts', 3)], folders: ['Krimi/'] },
      '/hdd/movie/Serien/Krimi/': { movies: [movie('/hdd/movie/Serien/Krimi/c.ts', 2)], folders: [] },
    },
    ['/hdd/movie/', '/hdd/movie', '/hdd/movie/Serien/'],
  );
  t.deepEqual(await read(), ['/hdd/movie/Serien/b.ts', '/hdd/movie/Serien/Krimi/c.ts', '/hdd/movie/a.ts']);
  t.deepEqual(asked, ['/hdd/movie/', '/hdd/movie/Serien/', '/hdd/movie/Serien/Krimi/']);
});

test('an image that tells no folders has its usual one', async (t) => {
  const error = new XgError('RECEIVER_NOT_OPENWEBIF', 'no such call');
  const { read, asked } = disk({ '': { movies: [movie('/hdd/movie/a.ts')], folders: ['Serien'] } }, error);
  t.deepEqual(await read(), ['/hdd/movie/a.ts']);
  t.deepEqual(asked, [null]);
  await t.throwsAsync(disk({}, new XgError('RECEIVER_UNREACHABLE', 'off')).read(), { code: 'RECEIVER_UNREACHABLE' });
});

test('folders that lead in circles, out of the disk or nowhere do not matter', async (t) => {
  const { read, asked } = disk({
    '/hdd/movie/': {
      movies: [movie('/hdd/movie/a.ts')],
      folders: ['..', '/etc', 'a/../../b', '', './x', 'gone', 'a//b'],
    },
  });
  t.deepEqual(await read(), ['/hdd/movie/a.ts']);
  t.deepEqual(asked, ['/hdd/movie/', '/hdd/movie/gone/']);
});

test('an endless disk costs a bounded number of requests, and gives a bounded list', async (t) => {
  let asked = 0;
  const receiver = {
    locations: async () => ['/'],
    movies: async (folder: string | null): Promise<MovieFolder> => {
      asked++;
      const movies = Array.from({ length: 40 }, (_, index) => movie(`${folder}${index}.ts`));
      return { movies, folders: Array.from({ length: 50 }, (_, index) => `d${index}`) };
    },
  };
  const movies = await readMovies(receiver as unknown as RecordingReceiver, new AbortController().signal);
  t.is(asked, 200);
  t.is(movies.length, 8_000);
});
