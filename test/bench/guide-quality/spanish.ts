import { type Sample, sample } from './sample.ts';

export const SPANISH: readonly Sample[] = [
  sample(
    'Cuéntame cómo pasó',
    'Temporada 22, episodio 3',
    'Serie. España, 2022. Con Imanol Arias y Ana Duato. Los Alcántara se reúnen.',
    0x15,
    { s: 22, e: 3, year: 2022, from: 'ES', people: 2 },
  ),
  sample('La que se avecina T12 E8', '', 'Los vecinos se enfrentan. Reposición.', 0x14, {
    title: 'La que se avecina',
    s: 12,
    e: 8,
    repeat: true,
  }),
  sample('Acacias 38', '', 'Capítulo 1289. Genoveva trama su venganza.', 0x15, { e: 1289 }),
  sample(
    'Todo sobre mi madre',
    'Drama',
    'España, 1999. Dirección: Pedro Almodóvar. Reparto: Cecilia Roth, Marisa Paredes, Penélope Cruz. No recomendada para menores de 16 años',
    0x17,
    { year: 1999, from: 'ES', people: 4, age: 16 },
  ),
  sample('Telediario 1', '', 'Informativo. Las noticias del 12/10/2023.', 0x21, {}),
  sample('Vuelta a España (directo)', 'Etapa 12', 'En directo desde Burgos.', 0x40, {
    title: 'Vuelta a España',
    sub: 'Etapa 12',
    live: true,
  }),
  sample('La resistencia', '', 'Presentado por David Broncano. Invitados: Rosalía Vila, Berto Romero', 0x33, {
    people: 3,
  }),
  sample('El ministerio del tiempo', '', '2ª temporada, episodio 6. Tiempo de valientes.', 0x13, { s: 2, e: 6 }),
  sample(
    'Titanic',
    'Película estadounidense de 1997',
    'Dirigida por James Cameron. Con Leonardo DiCaprio, Kate Winslet. (+12)',
    0x16,
    { year: 1997, from: 'US', people: 3, age: 12 },
  ),
  sample('La promesa (estreno)', '', 'Capítulo 501.', 0x15, { title: 'La promesa', e: 501, new: true }),
  sample('Saber y ganar', '', 'Con Madrid al fondo, nuevos concursantes.', 0x31, {}),
  sample('Isabel', '', 'Temporada 1. Episodio 4 de 13. Serie histórica.', 0x17, { s: 1, e: 4, of: 13 }),
];
