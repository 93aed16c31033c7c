import { ADJECTIVE, adjectiveCode, COUNTRY, countryCodes } from './countries.ts';
import { END, START } from './rule.ts';

/** Where and when a programme was made. */
export interface Origin {
  readonly countries: readonly string[];
  readonly year: number | null;
}

export interface OriginRule {
  readonly name: string;
  /** Groups: `c`ountries in a list, `a`djective, `y`ear. */
  readonly pattern: RegExp;
  /** Where: within the title, or a description's text. */
  readonly place: 'title' | 'description';
  /** Texts and what they say, as `DE,AT 2019`. */
  readonly examples: ReadonlyArray<readonly [text: string, says: string]>;
}

const YEAR = '(?<y>(?:19|20)\\d\\d)';
/** What may follow the year of production: the end, punctuation, or the next sentence. */
const AFTER = '(?=\\s?(?:$|[\\n).,;:|\\]–-]|\\p{Lu}|\\())';
const LIST = `(?<c>${COUNTRY}(?:\\s?[/,&+–-]\\s?${COUNTRY}|\\s(?:und|and|et|en|e|y|i)\\s${COUNTRY}){0,5})`;
/** Kinds of programme, as the word before "of 1999". */
const KIND =
  '(?:\\p{L}{0,20}(?:[Ff]ilm|[Ss]erie|[Ss]eries|[Dd]rama|[Kk]omödie|[Tt]hriller|[Ww]estern|[Kk]rimi|[Dd]oku|[Dd]okumentation|[Dd]okumentar|[Cc]omedy|[Kk]omedie|[Mm]usical|[Dd]ocumentaire|[Dd]ocumentary|[Ff]ilm|[Pp]elícula|[Ss]érie|[Tt]éléfilm|[Tt]elefilm|[Cc]omédie|[Cc]ommedia|[Cc]omedia|[Ss]erial|[Kk]omedia|[Dd]ramat|[Tt]elenovela|[Ss]itcom|[Ss]oap|[Mm]elodram|[Mm]ärchen|[Rr]eportage|[Rr]eality|[Mm]iniserie|[Mm]iniserial)\\p{L}{0,12})';

export const ORIGIN_RULES: readonly OriginRule[] = [
  {
    name: 'countries and year',
    place: 'description',
    pattern: new RegExp(
      `(?:^|[\\n(\\[|,;.:–-]\\s?|${KIND}(?:\\s\\p{Ll}{3,20})?,?\\s|(?:prod\\.|Produktion:?|Produkcja:?|Land:?|Pays\\s?:|País:|Paese:)\\s)${LIST},?\\s(?:\\(|\\[)?${YEAR}(?:\\s?[-–/]\\s?(?:(?:19|20)\\d\\d|\\d\\d)?)?${AFTER}`,
      'u',
    ),
    examples: [
      ['Telenovela Deutschland 2022', 'DE 2022'],
      ['USA 2015\nIn Litchfield hat sich die Machtverteilung verändert.', 'US 2015'],
      ['Krimireihe, Deutschland/Österreich 2019', 'DE,AT 2019'],
      ['Spielfilm, D/F 2004. Ein Mann kehrt heim.', 'DE,FR 2004'],
      ['Film policier (France, 2012) de Jean Dupont', 'FR 2012'],
      ['Film sensacyjny, USA 1999', 'US 1999'],
      ['Serial obyczajowy, Polska 2003. Perypetie rodziny.', 'PL 2003'],
      ['Serial kryminalny Polska 2018', 'PL 2018'],
      ['Commedia, Italia/Francia 2016 - Un uomo torna.', 'IT,FR 2016'],
      ['Drama. EE.UU., 2010. Un hombre vuelve.', 'US 2010'],
      ['Spielfilm USA 2010 Nach dem Roman', 'US 2010'],
      ['Thriller, Groot-Brittannië 2014. Een man.', 'GB 2014'],
      ['Doku-Reihe, GB 2017-2019', 'GB 2017'],
    ],
  },
  {
    name: 'adjective, kind, year',
    place: 'description',
    pattern: new RegExp(
      `(?:^|[\\s(])(?<a>${ADJECTIVE}\\p{Ll}{0,6})(?:-\\p{L}{2,15})?(?:\\s\\p{Ll}{3,20}){0,2}\\s${KIND}\\s(?:uit|fra|från|von|aus dem Jahr|de|del|of|from|z|aus)\\s(?:\\p{Ll}{3,6}\\s)?${YEAR}${END}`,
      'iu',
    ),
    examples: [
      ['(6:6) Britisk dokumentarserie fra 2019.', 'GB 2019'],
      ['Amerikaanse misdaadserie uit 2012. Een team.', 'US 2012'],
      ['US-amerikanischer Spielfilm von 1999', 'US 1999'],
      ['Norsk reality fra 2015.', 'NO 2015'],
    ],
  },
  {
    name: 'kind, adjective, year',
    place: 'description',
    pattern: new RegExp(
      `(?:^|[\\s(])${KIND}(?:\\s\\p{Ll}{3,20})?\\s(?<a>${ADJECTIVE}\\p{Ll}{0,6})(?:\\s(?:de|del|z)\\s(?:\\p{Ll}{3,6}\\s)?|\\s?[(,]\\s?)${YEAR}${END}`,
      'iu',
    ),
    examples: [
      ['Film policier français de 2012', 'FR 2012'],
      ['Série policière française (2015)', 'FR 2015'],
      ['Película estadounidense de 1994', 'US 1994'],
      ['Film statunitense del 1999', 'US 1999'],
    ],
  },
  {
    name: 'kind and year',
    place: 'description',
    pattern: new RegExp(`^\\p{L}?${KIND},?\\s(?:von|aus dem Jahr|uit|del|de|z roku|fra|från)\\s${YEAR}${END}`, 'u'),
    examples: [
      ['Spielfilm aus dem Jahr 1999', ' 1999'],
      ['Film del 1987 con Sean Connery', ' 1987'],
      ['Thriller uit 2010.', ' 2010'],
    ],
  },
  {
    name: 'year with its name',
    place: 'description',
    pattern: new RegExp(
      `${START}(?:Produktionsjahr|Jahr|Année(?:\\sde\\sproduction)?|Anno(?:\\sdi\\sproduzione)?|Año(?:\\sde\\sproducción)?|Rok(?:\\sprod(?:ukcji|\\.))?|Jaar|Year|Produced|Productiejaar)\\s?:\\s?${YEAR}${END}`,
      'iu',
    ),
    examples: [
      ['Produktionsjahr: 2011', ' 2011'],
      ['Année : 2012', ' 2012'],
      ['Rok produkcji: 2010', ' 2010'],
      ['Año: 2018', ' 2018'],
      ['Anno: 2003', ' 2003'],
      ['Jaar: 2009', ' 2009'],
    ],
  },
  {
    name: 'countries with their name',
    place: 'description',
    pattern: new RegExp(
      `(?:^|[\\n.,;|]\\s?)(?:Land|Pays|País|Paese|Kraj|Country)(?:\\sprodukcji)?\\s?:\\s?${LIST}${END}`,
      'u',
    ),
    examples: [
      ['Land: Deutschland, Frankreich\nEin Film.', 'DE,FR '],
      ['Pays : France', 'FR '],
      ['Kraj produkcji: Wielka Brytania', 'GB '],
    ],
  },
  {
    name: 'year in brackets at an end',
    place: 'description',
    pattern: new RegExp(
      `^(?:\\(${YEAR}\\)|\\[${YEAR.replace('<y>', '<y2>')}\\])|[.!?…]\\s?(?:\\((?<y3>(?:19|20)\\d\\d)\\)|\\[(?<y4>(?:19|20)\\d\\d)\\])\\.?(?:\\s?\\[[A-Z, ]{1,12}\\])?$`,
      'u',
    ),
    examples: [
      ['(1963) Steve McQueen leads a mass break-out.', ' 1963'],
      ['Epic war drama starring Steve McQueen. (1963)', ' 1963'],
      ['A lawyer defends his friend. (1999) [S,AD]', ' 1999'],
    ],
  },
  {
    name: 'kind and year in brackets',
    place: 'description',
    pattern: new RegExp(`^[^.\\n(]{0,60}?${KIND}\\s?[(\\[]${YEAR}[)\\]]`, 'u'),
    examples: [
      ['Téléfilm (2014)', ' 2014'],
      ['Western (1969)', ' 1969'],
    ],
  },
  {
    name: 'year, adjective, kind',
    place: 'description',
    pattern: new RegExp(
      `^${YEAR}\\s(?:(?<a>${ADJECTIVE})\\s)?(?:\\p{Ll}{3,15}\\s){0,2}(?:film|drama|comedy|thriller|western|musical|documentary)${END}`,
      'iu',
    ),
    examples: [
      ['1968 comedy starring Peter Sellers.', ' 1968'],
      ['2004 British crime drama.', 'GB 2004'],
    ],
  },
  {
    name: 'year of a film in its title',
    place: 'title',
    pattern: new RegExp(`\\s\\(${YEAR}\\)$`, 'u'),
    examples: [['Metropolis (1927)', ' 1927']],
  },
];

/** The earliest film, and some years ahead of now in case somebody announces. */
const FIRST_YEAR = 1895;
const LAST_YEAR = 2099;

/** What a text says of its origin, from the table's first rows that do; `end` and `start` of what said it, for titles. */
export function findOrigin(text: string, place: OriginRule['place']): Origin & { start: number; end: number } {
  let countries: readonly string[] = [];
  let year: number | null = null;
  let span = { start: 0, end: 0 };
  if (!/(?:19|20)\d\d|Land|Pays|Pa[íe]s|Kraj|Country/.test(text)) return { countries, year, ...span };
  for (const rule of ORIGIN_RULES) {
    if (rule.place !== place || (year !== null && countries.length > 0)) continue;
    const match = rule.pattern.exec(text);
    if (match === null) continue;
    const { c, a, y, y2, y3, y4 } = match.groups ?? {};
    const said = Number(y ?? y2 ?? y3 ?? y4 ?? 0);
    if (year === null && said >= FIRST_YEAR && said <= LAST_YEAR) year = said;
    if (countries.length === 0 && c !== undefined) countries = countryCodes(c);
    const code = a === undefined ? null : adjectiveCode(a);
    if (countries.length === 0 && code !== null) countries = [code];
    span = { start: match.index, end: match.index + match[0].length };
  }
  return { countries, year, ...span };
}
