/** Written after the rules: how these fare on what they were not made for. */
import { type Sample, sample } from './sample.ts';

export const SECOND_SET: Readonly<Record<string, readonly Sample[]>> = {
  de: [
    sample(
      'In aller Freundschaft',
      'Hinter dem Licht',
      'Folge 1022. Arztserie, D 2023. Dr. Kathrin Globisch behandelt eine Musikerin. Darsteller: Andrea Kathrin Loewig (Dr. Globisch), Thomas Rühmann (Dr. Heilmann). Regie: Jan Bauer',
      0x15,
      { sub: 'Hinter dem Licht', e: 1022, year: 2023, from: 'DE', people: 3 },
    ),
    sample(
      'Two and a Half Men',
      'Bei Anruf Mord',
      'Comedyserie USA 2009, 7. Staffel / Folge 12. Alan findet eine neue Wohnung.',
      0x14,
      { sub: 'Bei Anruf Mord', s: 7, e: 12, year: 2009, from: 'US' },
    ),
    sample('Das Boot', '', '(3/8) Verlorene Seelen\nDramaserie, Deutschland 2018. FSK: ab 16', 0x12, {
      e: 3,
      of: 8,
      sub: 'Verlorene Seelen',
      year: 2018,
      from: 'DE',
      age: 16,
    }),
    sample(
      'hart aber fair',
      'Teure Energie, kalte Wohnung: Wer zahlt?',
      'Diskussion mit Louis Klamroth. Live aus Berlin.',
      0x24,
      { sub: 'Teure Energie, kalte Wohnung: Wer zahlt?', people: 1, live: true },
    ),
    sample('Der Alte', 'Krimiserie', 'Erwin Köster ermittelt 1978 in München. Wdh. vom Freitag.', 0x11, {
      repeat: true,
    }),
  ],
  en: [
    sample(
      'Death in Paradise',
      '',
      'S10 Ep4/8. A surfer is found dead on the beach. Crime drama, with Ralf Little and Josephine Jobert. [S,AD]',
      0x11,
      { s: 10, e: 4, of: 8, people: 2 },
    ),
    sample('Grand Designs', 'The Treehouse', 'Series 21 Episode 3. Kevin McCloud meets a couple in Dorset.', 0xa2, {
      sub: 'The Treehouse',
      s: 21,
      e: 3,
    }),
    sample('Countdown', '', 'Letters and numbers game. Rpt.', 0x31, { repeat: true }),
    sample(
      'Casablanca',
      '',
      '(1942) Classic wartime romance directed by Michael Curtiz and starring Humphrey Bogart and Ingrid Bergman.',
      0x16,
      { year: 1942, people: 3 },
    ),
    sample('Live at the Apollo', '', 'Stand-up comedy hosted by Jack Dee.', 0x30, { people: 1 }),
  ],
  fr: [
    sample(
      'Scènes de ménages',
      '',
      'Série humoristique (France, 2019). Saison 11. Avec Gérard Hernandez, Marion Game. Tout public',
      0x14,
      { s: 11, year: 2019, from: 'FR', people: 2 },
    ),
    sample(
      'Astrid et Raphaëlle',
      'Circé',
      'Saison 4 - Épisode 3/8. Série policière. Avec : Sara Mortensen (Astrid), Lola Dewaere (Raphaëlle).',
      0x11,
      { sub: 'Circé', s: 4, e: 3, of: 8, people: 2 },
    ),
    sample('Journal de 20 heures', '', 'Présenté par Anne-Sophie Lapix.', 0x21, { people: 1 }),
    sample(
      'Les visiteurs',
      'Comédie fantastique',
      'Film de Jean-Marie Poiré (France, 1993), avec Christian Clavier et Jean Reno.',
      0x14,
      { year: 1993, from: 'FR', people: 3 },
    ),
  ],
  nl: [
    sample(
      'Wie is de Mol?',
      '',
      'Seizoen 23, aflevering 6 van 9. Spelprogramma. Presentatie: Rik van de Westelaken',
      0x31,
      { s: 23, e: 6, of: 9, people: 1 },
    ),
    sample('Heterdaad', 'De getuige', 'Vlaamse politieserie. (herh.)', 0x11, { sub: 'De getuige', repeat: true }),
    sample(
      'Gooische Vrouwen',
      '',
      'Komische film, Nederland 2011. Regie: Will Koopman. Met Linda de Mol, Susan Visser en Tjitske Reidinga.',
      0x14,
      { year: 2011, from: 'NL', people: 4 },
    ),
  ],
  pl: [
    sample('Klan', 'odc. 4012', 'telenowela, Polska 2023', 0x15, { e: 4012, year: 2023, from: 'PL' }),
    sample(
      'Blondynka',
      'Seria 4, odc. 3/13 - Powrót',
      'Serial obyczajowy, reż. Mirosław Gronowski. Kategoria: od 12 lat',
      0x17,
      { sub: 'Powrót', s: 4, e: 3, of: 13, people: 1, age: 12 },
    ),
    sample('Mecz: Polska - Niemcy (na żywo)', '', 'Piłka nożna: eliminacje.', 0x43, {
      title: 'Mecz: Polska - Niemcy',
      live: true,
    }),
  ],
  it: [
    sample(
      'Blanca',
      'Il rosso e il nero',
      'Fiction. Seconda stagione, episodio 2. Regia di Jan Maria Michelini. Con Maria Chiara Giannetta, Giuseppe Zeno.',
      0x11,
      { sub: 'Il rosso e il nero', s: 2, e: 2, people: 3 },
    ),
    sample(
      'Profondo rosso',
      'Horror, Italia 1975',
      'Regia: Dario Argento; con David Hemmings, Daria Nicolodi. V.M. 14',
      0x13,
      { year: 1975, from: 'IT', people: 3, age: 14 },
    ),
    sample('Imma Tataranni (r)', '', 'S2 E3. La sostituta procuratrice indaga.', 0x11, {
      title: 'Imma Tataranni',
      s: 2,
      e: 3,
      repeat: true,
    }),
  ],
  es: [
    sample('Aquí no hay quien viva', 'Érase una mudanza', 'T1 Cap. 1. Comedia. España, 2003.', 0x14, {
      sub: 'Érase una mudanza',
      s: 1,
      e: 1,
      year: 2003,
      from: 'ES',
    }),
    sample('El hormiguero', '', 'Presentado por Pablo Motos. Invitado: Antonio Banderas. En directo.', 0x33, {
      people: 2,
      live: true,
    }),
    sample('REC', 'Terror', 'España, 2007. Dir.: Jaume Balagueró, Paco Plaza. Int.: Manuela Velasco. +18', 0x13, {
      year: 2007,
      from: 'ES',
      people: 3,
      age: 18,
    }),
  ],
};
