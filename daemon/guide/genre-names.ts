/** Names of content_nibble_level_1 (1 to 10) by language, as short as viewers' programme guides have them. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  de: ['Film', 'Nachrichten', 'Show', 'Sport', 'Kinder', 'Musik', 'Kultur', 'Gesellschaft', 'Wissen', 'Freizeit'],
  fr: [
    'Film',
    'Actualités',
    'Divertissement',
    'Sport',
    'Jeunesse',
    'Musique',
    'Culture',
    'Société',
    'Savoir',
    'Loisirs',
  ],
  es: ['Cine', 'Noticias', 'Espectáculo', 'Deportes', 'Infantil', 'Música', 'Cultura', 'Sociedad', 'Ciencia', 'Ocio'],
  it: ['Film', 'Notizie', 'Spettacolo', 'Sport', 'Ragazzi', 'Musica', 'Cultura', 'Società', 'Scienza', 'Tempo libero'],
  nl: ['Film', 'Nieuws', 'Show', 'Sport', 'Jeugd', 'Muziek', 'Cultuur', 'Maatschappij', 'Wetenschap', 'Vrije tijd'],
  pl: ['Film', 'Wiadomości', 'Rozrywka', 'Sport', 'Dla dzieci', 'Muzyka', 'Kultura', 'Społeczeństwo', 'Nauka', 'Hobby'],
  sv: ['Film', 'Nyheter', 'Underhållning', 'Sport', 'Barn', 'Musik', 'Kultur', 'Samhälle', 'Vetenskap', 'Fritid'],
};

/** The word for a series, where what it is about is not in the genre. */
const SERIES: Readonly<Record<string, string>> = {
  de: 'Serie',
  fr: 'Série',
  es: 'Serie',
  it: 'Serie',
  nl: 'Serie',
  pl: 'Serial',
  sv: 'Serie',
};

/** The genre in a language (ISO 639-1); null where there is no name for it. */
export function genreName(genreId: number, isEpisode: boolean, language: string): string | null {
  const level1 = genreId >> 4;
  if (level1 <= 1 && isEpisode) return SERIES[language] ?? null;
  return NAMES[language]?.[level1 - 1] ?? null;
}
