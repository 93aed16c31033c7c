import { genreCategories } from '../genre.ts';

interface CategoryRule {
  readonly category: string;
  readonly pattern: RegExp;
  /** Beginnings of descriptions that say so. */
  readonly examples: readonly string[];
  readonly others: readonly string[];
}

const kind = (
  category: string,
  words: string,
  examples: readonly string[],
  others: readonly string[] = [],
): CategoryRule => ({
  category,
  // At the beginning, behind at most three words and an episode's number: further on it is the plot that speaks of films.
  pattern: new RegExp(
    `^(?:[(\\[][^)\\]]{1,12}[)\\]]\\s)?(?:[\\p{L}.-]{1,24},?\\s){0,3}?(?:${words})(?![\\p{L}])`,
    'iu',
  ),
  examples,
  others,
});

/** Words that Kodi, Jellyfin and Plex know; the more general one first, where several fit. */
export const CATEGORY_RULES: readonly CategoryRule[] = [
  kind(
    'Movie',
    "Spielfilm|Fernsehfilm|TV-Film|Kinofilm|Actionfilm|Horrorfilm|Kriminalfilm|Abenteuerfilm|Liebesfilm|Filmkomödie|speelfilm|téléfilm|long métrage|film (?:d[e'’]\\s?)?(?:policier|dramatique|action|horreur|drammatico|thriller|poliziesco|commedia|sensacyjny|obyczajowy|fabularny|animowany|przygodowy|wojenny)|telefilm|lungometraggio|largometraje|película",
    [
      'Spielfilm USA 1999',
      'Fernsehfilm, Deutschland 2010',
      'Téléfilm (2014)',
      'Film sensacyjny, USA 1999',
      'Película estadounidense',
      'Speelfilm uit 1999',
      'Film thriller (VM14)',
    ],
    ['Der Spielfilmregisseur', 'Ein Mann dreht heimlich in der Nacht seinen Spielfilm'],
  ),
  kind(
    'Series',
    '\\p{L}{0,20}(?:serie|reihe)|Sitcom|Seifenoper|Telenovela|série (?:policière|dramatique|télévisée|comique)|série|feuilleton|serial (?:\\p{Ll}{4,16})|serial|serie (?:tv|de televisión)|miniserie|miniserial|soap(?: opera)?|drama series|comedy series|dramaserie|sitkom',
    [
      'Krimiserie, Deutschland 2019',
      'Série policière française',
      'Serial obyczajowy, Polska 2003',
      'Telenovela',
      'Amerikaanse misdaadserie uit 2012',
    ],
    ['Serienmörder in der Stadt', 'Eine Mordserie hält alle in Atem'],
  ),
  kind(
    'Documentary',
    'Dokumentation|Dokumentarfilm|Dokumentarreihe|Doku|Dokureihe|Doku-Reihe|Reportage|Naturdoku|documentaire|documentary|documentario|documental|film dokumentalny|dokumentarserie|dokumentar',
    [
      'Dokumentation, D 2019',
      'Documentaire (France, 2012)',
      '(6:6) Britisk dokumentarserie fra 2019.',
      'Documental. España',
    ],
    ['Das Dokument ist verschwunden'],
  ),
  kind(
    'News',
    "Nachrichten|Nachrichtenmagazin|Journal télévisé|journal d'information|telegiornale|noticiario|informativo|serwis informacyjny|program informacyjny|nieuws|nieuwsuitzending",
    ['Nachrichten des Tages', 'Telegiornale nazionale', 'Program informacyjny'],
    ['Schlechte Neuigkeiten'],
  ),
  kind(
    'Kids',
    'Kinderserie|Kindersendung|Kinderfilm|Zeichentrickserie|Zeichentrick|jeunesse|dessin animé|tekenfilm|jeugdserie|kinderprogramma|program dla dzieci|serial (?:animowany )?dla dzieci|cartone animato|cartoni animati|dibujos animados|serie infantil|programa infantil',
    ['Zeichentrickserie, USA 2004', 'Dessin animé', 'Program dla dzieci', 'Dibujos animados'],
    ['Kinder spielen im Hof'],
  ),
  kind(
    'Sports',
    'Fußball|Handball|Eishockey|Tennis|Formel 1|Biathlon|Skispringen|Radsport|football|rugby|cyclisme|calcio|fútbol|piłka nożna|skoki narciarskie|voetbal|wielrennen',
    ['Fußball, Bundesliga, 12. Spieltag', 'Football : Ligue 1', 'Calcio, Serie A', 'Piłka nożna: Ekstraklasa'],
    ['Fußballers Frau'],
  ),
];

/** No mere "series of murders". */
const NOT_A_KIND = /(?:mord|unfall|erfolgs|anschlags|überfall|einbruchs|siegesserie|versuchs)(?:serie|reihe)/iu;

/** From the words at the beginning of texts; what the genre already gives is left out. */
export function findCategories(texts: readonly string[], genreId: number, isEpisode: boolean): string[] {
  const known = new Set(genreCategories(genreId, isEpisode));
  const found = CATEGORY_RULES.filter(({ pattern }) =>
    texts.some((text) => {
      const match = pattern.exec(text.slice(0, 160));
      return match !== null && !NOT_A_KIND.test(match[0]);
    }),
  ).map(({ category }) => category);
  // A film is no series, whatever else the line says; a children's series is both.
  const kept = found.includes('Movie') ? found.filter((category) => category !== 'Series') : found;
  return kept.filter((category) => !known.has(category));
}
