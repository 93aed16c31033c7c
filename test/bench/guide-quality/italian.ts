import { type Sample, sample } from './sample.ts';

export const ITALIAN: readonly Sample[] = [
  sample(
    'Il commissario Montalbano',
    'Il cane di terracotta',
    'Serie TV. Regia di Alberto Sironi. Con Luca Zingaretti e Cesare Bocci. Replica.',
    0x11,
    { sub: 'Il cane di terracotta', people: 3, repeat: true },
  ),
  sample('Gomorra - La serie', '', 'S3 Ep5 Un nuovo boss - Genny torna a Napoli. (VM14)', 0x11, {
    s: 3,
    e: 5,
    sub: 'Un nuovo boss',
    age: 14,
  }),
  sample('Un posto al sole', '', 'Puntata 5678. Soap opera.', 0x15, { e: 5678 }),
  sample(
    'La grande bellezza',
    'Drammatico, Italia/Francia 2013',
    'Regia: Paolo Sorrentino. Interpreti: Toni Servillo, Carlo Verdone, Sabrina Ferilli. Voto: 8/10',
    0x17,
    { year: 2013, from: 'IT,FR', people: 4, stars: 0.8 },
  ),
  sample('Doc - Nelle tue mani', '', 'Stagione 2 Ep. 7 - Lo spazio tra le cose. Andrea affronta il passato.', 0x10, {
    s: 2,
    e: 7,
  }),
  sample('TG1', '', 'Telegiornale. Notizie del 12/10/2023.', 0x21, {}),
  sample('Calcio, Serie A: Roma - Lazio', '', 'In diretta dallo Stadio Olimpico.', 0x43, { live: true }),
  sample('Che tempo che fa', '', 'Conduce Fabio Fazio. Ospiti: Roberto Saviano, Carlo Verdone', 0x33, { people: 3 }),
  sample(
    'Il nome della rosa',
    'Film del 1986',
    'Con Sean Connery e Christian Slater. Vietato ai minori di 14 anni.',
    0x11,
    { year: 1986, people: 2, age: 14 },
  ),
  sample('I Medici (prima TV)', '', 'Stagione 1 - Episodio 3. Cosimo lascia Firenze.', 0x17, {
    title: 'I Medici',
    s: 1,
    e: 3,
    new: true,
  }),
  sample('Don Matteo 13', '', '2ª puntata. Con Roma sullo sfondo, Don Massimo indaga.', 0x11, { e: 2 }),
  sample('Ulisse', '', 'Documentario. Parte 1 di 2. Alberto Angela racconta Pompei.', 0x23, { e: 1, of: 2 }),
];
