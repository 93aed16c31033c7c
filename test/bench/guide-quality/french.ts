import { type Sample, sample } from './sample.ts';

export const FRENCH: readonly Sample[] = [
  sample(
    'Capitaine Marleau',
    'Les mystères de la foi',
    'Série policière française (2015). Saison 1, épisode 2. Réalisé par Josée Dayan. Avec Corinne Masiero, Gérard Depardieu',
    0x11,
    { sub: 'Les mystères de la foi', s: 1, e: 2, year: 2015, from: 'FR', people: 3 },
  ),
  sample('Plus belle la vie', '', 'Feuilleton. Épisode 4432. Les habitants du Mistral se retrouvent.', 0x15, {
    e: 4432,
  }),
  sample(
    'Léon',
    "Film d'action (France, 1994)",
    'De Luc Besson. Avec Jean Reno (Léon), Natalie Portman (Mathilda). Déconseillé aux moins de 12 ans',
    0x10,
    { year: 1994, from: 'FR', people: 2, age: 12 },
  ),
  sample('Les experts', 'Saison 4 : 12/23', "Série (-10). L'équipe enquête sur un meurtre. Rediffusion.", 0x11, {
    s: 4,
    e: 12,
    of: 23,
    age: 10,
    repeat: true,
  }),
  sample('Demain nous appartient (inédit)', '', 'Épisode 1280. Chloé apprend la nouvelle.', 0x15, {
    title: 'Demain nous appartient',
    e: 1280,
    new: true,
  }),
  sample('Roland-Garros (direct)', 'Finale messieurs', 'Retransmission en direct du court Philippe-Chatrier.', 0x44, {
    title: 'Roland-Garros',
    sub: 'Finale messieurs',
    live: true,
  }),
  sample('Envoyé spécial', '', "Magazine présenté par Élise Lucet. Au sommaire : l'hiver 2022.", 0x22, { people: 1 }),
  sample('Le bureau des légendes', '', "S05E03. Série d'espionnage. Réalisation : Éric Rochant. Note : 4/5", 0x11, {
    s: 5,
    e: 3,
    people: 1,
    stars: 0.8,
  }),
  sample('Les rivières pourpres', '', '(3/8) Le jour des cendres. Une enquête en Alsace.', 0x11, {
    e: 3,
    of: 8,
    sub: 'Le jour des cendres',
  }),
  sample('20h30 le samedi', '', 'Le journal du week-end, présenté par Laurent Delahousse.', 0x21, { people: 1 }),
  sample(
    'La grande vadrouille',
    'Comédie',
    'Film français de 1966. Réalisateur : Gérard Oury. Acteurs : Bourvil, Louis de Funès, Terry-Thomas. ★★★★★',
    0x14,
    { year: 1966, from: 'FR', people: 4, stars: 1 },
  ),
  sample('Télématin', '', 'Avec Paris pour décor, le magazine du matin. En direct.', 0x20, { live: true }),
  sample(
    'Un village français',
    'Saison 2 (5/6)',
    'Pays : France. Année : 2010. Janvier 1941, le village a froid.',
    0x17,
    { s: 2, e: 5, of: 6, year: 2010, from: 'FR' },
  ),
  sample('Le dernier métro', 'Partie 1/2', 'Téléfilm (2014)', 0x10, { e: 1, of: 2, year: 2014 }),
];
