import test from 'ava';
import { genreCategories } from '#daemon/guide/genre.ts';

const cases: ReadonlyArray<[number, boolean, string[]]> = [
  [0x10, false, ['Movie', 'Movie / Drama']],
  [0x11, true, ['Series', 'Detective / Thriller']],
  [0x15, false, ['Series', 'Soap / Melodrama / Folkloric']],
  [0x20, false, ['News', 'News / Current affairs']],
  [0x43, false, ['Sports', 'Football / Soccer']],
  [0x4f, false, ['Sports', 'Sports']],
  [0x55, false, ['Kids', 'Cartoons / Puppets']],
  [0x91, true, ['Series', 'Nature / Animals / Environment']],
  [0xb3, false, []],
  [0, false, []],
];
for (const [genreId, isEpisode, expected] of cases) {
  test(`genre 0x${genreId.toString(16)}${isEpisode ? ' with an episode number' : ''} is ${expected.join(', ') || 'nothing'}`, (t) => {
    t.deepEqual(genreCategories(genreId, isEpisode), [...new Set(expected)]);
  });
}
