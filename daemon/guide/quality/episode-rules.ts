import { END, type Rule, START } from './rule.ts';

/** Where a row may look. `head`: at the beginning of a description or of one of its lines. */
export type Place = 'title' | 'head' | 'anywhere';

export interface EpisodeRule extends Rule {
  readonly places: readonly Place[];
  /** In a title of a film the same words number the parts of a series of films. */
  readonly notInFilmTitles: boolean;
  /** Texts and what they say, as `S1E2/6`. */
  readonly examples: ReadonlyArray<readonly [text: string, says: string]>;
}

const SEASON = '(?:Staffel|Season|Series|Saison|Seizoen|Reeks|Sesong|Säsong|Sæson|Sezon|Seria|Stagione|Temporada)';
const EPISODE =
  '(?:Folge|Episode|Épisode|Episodio|Ep\\.?|Aflevering|Afl\\.?|Odcinek|Odc\\.?|Puntata|Capítulo|Cap\\.|Avsnitt|Afsnit)';
const OF = '(?:\\s?(?:\\/|von|of|av|van|de|di|sur|z)\\s?(?<t>\\d{1,4}))?';
const ORDINAL = '(?:\\.|e|er|ère|ème|ª|º|a|st|nd|rd|th|de)';
const GAP = '\\s?(?:[-–,:;/·|(.]|en|et|y|e)?\\s?';
const WORDS = 'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve';
const NUMBER_WORDS = WORDS.split('|');

function rule(
  name: string,
  pattern: string,
  examples: EpisodeRule['examples'],
  options: Partial<Pick<EpisodeRule, 'places' | 'notInFilmTitles' | 'languages'>> = {},
): EpisodeRule {
  return {
    name,
    languages: options.languages ?? null,
    pattern: new RegExp(pattern, 'iu'),
    places: options.places ?? ['anywhere'],
    notInFilmTitles: options.notInFilmTitles ?? false,
    examples,
  };
}

/** From the most exact form to the least; the first that fits counts. Groups: `s`eason, `e`pisode, `t`otal. */
export const EPISODE_RULES: readonly EpisodeRule[] = [
  rule(
    'S1E2',
    `${START}S\\s?(?<s>\\d{1,2})\\s?[-.,/:·]?\\s?(?:E|Ep\\.?|Episode|F|Folge)\\s?(?<e>\\d{1,4})(?:\\s?/\\s?(?<t>\\d{1,3}))?${END}`,
    [
      ['S01E02', 'S1E2'],
      ['Veteran Guy: Peter joins the Coast Guard. S16 Ep14', 'S16E14'],
      ['S3 Ep5 Il ritorno - Una nuova indagine per la squadra.', 'S3E5'],
      ['Drama about a small town (S2, Ep 3/6).', 'S2E3/6'],
      ['The Detectorists (s2e3)', 'S2E3'],
    ],
  ),
  rule(
    'T1 E2',
    `${START}T\\.?\\s?(?<s>\\d{1,2})\\s?[-,.:/]?\\s?(?:E|Ep\\.?|Cap\\.?|Capítulo)\\s?(?<e>\\d{1,4})${END}`,
    [
      ['La que se avecina T3 E5', 'S3E5'],
      ['T12, Cap. 8. Los vecinos se reúnen.', 'S12E8'],
    ],
  ),
  rule(
    'season, then episode',
    `${START}${SEASON}\\s?(?<s>\\d{1,2})(?:\\s?/\\s?\\d{1,2})?${GAP}${EPISODE}\\s?(?:nr\\.?\\s)?(?<e>\\d{1,4})${OF}${END}`,
    [
      ['Staffel 1, Folge 2', 'S1E2'],
      ['Season 2, Episode 5/8', 'S2E5/8'],
      ['Midsomer Murders : Series 2/10, Episode 3/4', 'S2E3/4'],
      ['Saison 4, épisode 12 : Le piège', 'S4E12'],
      ['Seizoen 3, aflevering 5', 'S3E5'],
      ['Sezon 2, odc. 5', 'S2E5'],
      ['Seria 3, odcinek 11/13', 'S3E11/13'],
      ['Stagione 5 - Episodio 10', 'S5E10'],
      ['Stagione 2 Ep. 7', 'S2E7'],
      ['Temporada 2, capítulo 9 de 13', 'S2E9/13'],
      ['Temporada 8. Episodio 4', 'S8E4'],
    ],
  ),
  rule(
    'season, then 2/8',
    `${START}${SEASON}\\s?(?<s>\\d{1,2})\\s?[-–,:;(]{1,2}\\s?(?<e>\\d{1,3})\\s?/\\s?(?<t>\\d{1,3})${END}`,
    [
      ['Saison 1 (3/8)', 'S1E3/8'],
      ['Série dramatique. Saison 2 : 4/10.', 'S2E4/10'],
    ],
  ),
  rule(
    'ordinal season, then episode',
    `${START}(?<s>\\d{1,2})${ORDINAL}\\s?${SEASON}${GAP}${EPISODE}\\s?(?<e>\\d{1,4})${OF}${END}`,
    [
      ['3. Staffel, Folge 10: Das Ende', 'S3E10'],
      ['2ª temporada, episodio 6', 'S2E6'],
      ['4e seizoen, aflevering 3 van 8', 'S4E3/8'],
      ['3ème saison - Épisode 2', 'S3E2'],
    ],
  ),
  rule(
    'ordinal season and episode',
    `${START}(?<s>\\d{1,2})\\.\\s?Staffel${GAP}(?<e>\\d{1,4})\\.\\s?(?:Folge|Episode)${END}`,
    [['3. Staffel, 10. Folge', 'S3E10']],
  ),
  rule(
    'episode, then season',
    `${START}${EPISODE}\\s?(?<e>\\d{1,4})(?:\\s?/\\s?(?<t>\\d{1,4}))?${GAP}(?:(?:aus|of|der|da|de|z|van)\\s)?${SEASON}\\s?(?<s>\\d{1,2})${END}`,
    [
      ['odc. 5, seria 2', 'S2E5'],
      ['Folge 7 (Staffel 2)', 'S2E7'],
      ['Episode 4 of Season 2', 'S2E4'],
      ['odc. 3/13 sezon 4', 'S4E3/13'],
    ],
  ),
  rule(
    'season and episode in English words',
    `${START}(?:Season|Series)\\s(?<s>${WORDS}),?\\sepisode\\s(?<e>${WORDS})${END}`,
    [['Season two, episode three. Barnaby investigates.', 'S2E3']],
  ),
  rule(
    '2x07 in a title',
    `[\\s(\\[](?<s>\\d{1,2})x(?<e>\\d{2})(?=$|[)\\].:,-]|\\s-)`,
    [['Il commissario Rex 3x07', 'S3E7']],
    { places: ['title'] },
  ),
  rule(
    '2x07 at the beginning',
    `(?:^|\\n)[(\\[]?(?<s>\\d{1,2})x(?<e>\\d{2})(?=[)\\].:,-]|\\s-)`,
    [['2x10: Reencuentro', 'S2E10']],
    { places: ['head'] },
  ),
  rule('Nordic (2:6/s4)', `(?:^|\\s)\\((?<e>\\d{1,3}):(?<t>\\d{1,3})/s(?<s>\\d{1,2})\\)`, [
    ['(9:10/s18) Kanadisk dokumentarserie fra 2019.', 'S18E9/10'],
  ]),
  rule(
    'episode word of one language',
    `${START}(?:Folge|Aflevering|Afl\\.?|Odcinek|Odc\\.?|Puntata|Capítulo|Cap\\.|Avsnitt|Afsnit)\\s?(?:nr\\.?\\s|:\\s)?(?<e>\\d{1,4})${OF}${END}(?!\\s?%)`,
    [
      ['Folge 1234', 'E1234'],
      ['Folge 2 von 6', 'E2/6'],
      ['(Folge 2868)', 'E2868'],
      ['odc. 5', 'E5'],
      ['Ranczo odc. 12/13', 'E12/13'],
      ['Capítulo 127', 'E127'],
      ['Puntata 5', 'E5'],
      ['Aflevering 5 van 12', 'E5/12'],
    ],
  ),
  rule(
    'episode word',
    `${START}(?:${EPISODE}|Chapter)\\s?(?:nr\\.?\\s|:\\s)?(?<e>\\d{1,4})${OF}${END}(?!\\s?%)`,
    [
      ['Épisode 5/8', 'E5/8'],
      ['Episode 3/4. Barnaby and Troy.', 'E3/4'],
    ],
    { notInFilmTitles: true },
  ),
  rule(
    'ordinal episode',
    `(?:^|[(\\n])(?<e>\\d{1,4})${ORDINAL}\\s?(?:Folge|Episode|épisode|puntata|episodio|capítulo|aflevering)${END}`,
    [
      ['12. Folge: Die Flucht', 'E12'],
      ['2ª puntata. Don Massimo indaga.', 'E2'],
    ],
    { places: ['title', 'head'] },
  ),
  rule(
    'part of so many',
    `${START}(?:Teil|Part|Pt\\.?|Partie|Parte|Deel|Część|Cz\\.)\\s?(?<e>\\d{1,2})\\s?(?:/|von|of|van|de|di|sur|z)\\s?(?<t>\\d{1,2})${END}`,
    [
      ['Teil 2 von 3', 'E2/3'],
      ['Part 1 of 2', 'E1/2'],
      ['Partie 1/2', 'E1/2'],
      ['Deel 2 van 4', 'E2/4'],
      ['część 2 z 3', 'E2/3'],
      ['Parte 1 di 2', 'E1/2'],
    ],
  ),
  rule('part in words', `${START}part\\s(?<e>${WORDS})\\sof\\s(?<t>${WORDS})${END}`, [['Part one of two.', 'E1/2']]),
  rule('Teil at the beginning', `(?:^|\\n)Teil\\s(?<e>\\d{1,2})(?=$|[:.,\\n])`, [['Teil 2: Die Rückkehr', 'E2']], {
    places: ['head'],
  }),
  rule(
    '(2/6) in a title',
    `\\((?<e>\\d{1,3})\\s?[/:]\\s?(?<t>\\d{1,3})\\)`,
    [
      ['Tatort (3/12)', 'E3/12'],
      ['Ein Film (1/2)', 'E1/2'],
    ],
    { places: ['title'] },
  ),
  rule('2/6 at the end of a title', `[,–-]\\s(?<e>\\d{1,2})/(?<t>\\d{1,2})$`, [['Der Untergang, 1/2', 'E1/2']], {
    places: ['title'],
  }),
  rule(
    '(2/6) at the beginning',
    `(?:^|\\n)\\((?<e>\\d{1,3})[/:](?<t>\\d{1,3})\\)`,
    [
      ['(6:6) Britisk dokumentarserie fra 2019.', 'E6/6'],
      ['(3/8) Le commissaire enquête.', 'E3/8'],
    ],
    { places: ['head'] },
  ),
  rule(
    '2/6. at the beginning',
    `^(?!9/11)(?<e>\\d{1,2})[/](?<t>\\d{1,2})(?=[.:,;]\\s|$)`,
    [
      ['2/6. The hunters move on.', 'E2/6'],
      ['3/8', 'E3/8'],
    ],
    { places: ['head'] },
  ),
  rule('(2/6) at the end', `\\((?<e>\\d{1,2})/(?<t>\\d{1,2})\\)\\.?$`, [['Le commissaire enquête. (3/8)', 'E3/8']]),
  rule(
    '(n) at the beginning',
    `(?:^|\\n)\\((?<e>\\d{1,3})\\)(?=\\s|$)`,
    [['(1) Amerikansk animasjonsserie fra 2018.', 'E1']],
    {
      places: ['head'],
    },
  ),
  rule(
    '(nn) at the end of a title',
    `\\s\\((?<e>(?!19\\d\\d|20\\d\\d)\\d{2,4})\\)$`,
    [
      ['Sturm der Liebe (3890)', 'E3890'],
      ['M jak miłość (734)', 'E734'],
    ],
    { places: ['title'] },
  ),
  rule('(n) at the end of a title', `\\s\\((?<e>\\d)\\)$`, [['Die Rosenheim-Cops (7)', 'E7']], {
    places: ['title'],
    notInFilmTitles: true,
  }),
  rule(
    'season alone',
    `(?:^|[(\\n,.:–-]\\s?|\\s)(?<!World\\s)${SEASON}\\s(?<s>\\d{1,2}|${WORDS})(?=$|[).,:;\\n–-]|\\s-)(?!\\s?x)`,
    [
      ['Midsomer Murders (Series 2)', 'S2'],
      ['Dark, Staffel 3', 'S3'],
      ['Ojciec Mateusz, sezon 12', 'S12'],
      ['Midsomer Murders (Series two)', 'S2'],
    ],
    { places: ['title', 'head'] },
  ),
  rule(
    'ordinal season alone',
    `(?:^|[(\\n,]\\s?)(?<s>\\d{1,2})(?:\\.|ª|e|ème)\\s?(?:Staffel|Temporada|Seizoen|Saison|Stagione)(?=$|[).,:;\\n])`,
    [
      ['4. Staffel', 'S4'],
      ['2ª temporada', 'S2'],
    ],
    { places: ['title', 'head'] },
  ),
];

/** "3" or "three". */
export function numberOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const word = NUMBER_WORDS.indexOf(text.toLowerCase());
  return word >= 0 ? word + 1 : Number(text);
}
