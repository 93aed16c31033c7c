import { applies, END, type Rule, START } from './rule.ts';

export interface RatingRule extends Rule {
  /** Texts and the rating they hold; null: none, though they look alike. */
  readonly examples: ReadonlyArray<readonly [text: string, rating: number | null]>;
}

const AGE = '(?<n>\\d{1,2})';
const age = (
  name: string,
  pattern: string,
  examples: RatingRule['examples'],
  languages: readonly string[] | null = null,
): RatingRule => ({ name, languages, pattern: new RegExp(pattern, 'iu'), examples });

/** Group `n`: years. */
export const AGE_RULES: readonly RatingRule[] = [
  age('FSK', `${START}FSK\\s?:?\\s?(?:ab\\s)?${AGE}${END}`, [
    ['FSK 12', 12],
    ['FSK: ab 16', 16],
    ['FSK 0', 0],
  ]),
  age(
    'Altersfreigabe',
    `${START}(?:Altersfreigabe|Altersempfehlung|Jugendschutz)\\s?:?\\s?(?:ab\\s|FSK\\s)?${AGE}${END}`,
    [['HD-Produktion\nAltersfreigabe: 16', 16]],
  ),
  age('freigegeben ab', `${START}(?:freigegeben|geeignet|empfohlen)\\sab\\s${AGE}(?:\\sJahren?)?${END}(?!\\sUhr)`, [
    ['Freigegeben ab 12 Jahren', 12],
    ['Geeignet ab 18 Uhr', null],
  ]),
  age('Ab 12 Jahren.', `(?:^|\\n|[.!?]\\s)ab\\s${AGE}\\sJahren?(?=\\.|$|\\n)`, [
    ['Mit Bruce Willis. Ab 16 Jahren. Terroristen besetzen ein Hochhaus.', 16],
  ]),
  age('(ab 12)', `(?:\\(|^|\\n)ab\\s${AGE}(?:\\sJahren?|\\sJ\\.)?(?:\\)|$|\\n)`, [
    ['Spielfilm (ab 12)', 12],
    ['ab 16 Jahren', 16],
    ['Heute ab 20 Uhr', null],
    ['Er lebt ab 12 Jahren im Heim', null],
  ]),
  age('moins de', `${START}(?:déconseillé|interdit|tout public sauf)\\saux\\smoins\\sde\\s${AGE}\\sans`, [
    ['Déconseillé aux moins de 10 ans', 10],
    ['Interdit aux moins de 16 ans', 16],
  ]),
  age('(-10)', `(?:\\(|\\[|CSA\\s?:?\\s?)-\\s?(?<n>10|12|16|18)(?:\\sans)?(?:\\)|\\]|$|\\.)`, [
    ['Série policière (-10)', 10],
    ['CSA : -12', 12],
    ['Il fait -10 à Paris', null],
  ]),
  age('Kijkwijzer', `${START}(?:Kijkwijzer|Leeftijd)\\s?:?\\s?(?:vanaf\\s)?(?<n>6|9|12|14|16|18)\\+?(?:\\sjaar)?`, [
    ['Kijkwijzer: 12', 12],
    ['Leeftijd: 16+', 16],
  ]),
  age('vanaf 12 jaar', `(?:\\(|^|\\n|\\.\\s)vanaf\\s${AGE}\\sjaar(?=\\)|$|\\n|\\.)`, [
    ['Misdaadserie. Vanaf 12 jaar.', 12],
  ]),
  age(
    'od lat 12',
    `${START}(?:od\\slat\\s${AGE}|(?:dozwolon\\p{L}{1,2}|kategoria)\\s?:?\\sod\\s(?:lat\\s)?(?<n2>\\d{1,2}))${END}`,
    [
      ['od lat 12', 12],
      ['Serial obyczajowy, od lat 16', 16],
      ['Dozwolone od 18 lat', 18],
      ['Od 12 lat mieszka w Krakowie', null],
    ],
  ),
  age('VM14', `${START}V\\.?\\s?M\\.?\\s?(?<n>14|18)${END}`, [
    ['Film thriller (VM14)', 14],
    ['V.M. 18', 18],
  ]),
  age('vietato', `${START}vietato\\sai\\sminori\\sdi\\s${AGE}\\sanni`, [['Vietato ai minori di 14 anni', 14]]),
  age('no recomendada', `${START}no\\srecomendad\\p{L}{1,2}\\s(?:para|a)\\smenores\\sde\\s${AGE}(?:\\saños)?${END}`, [
    ['No recomendada para menores de 12 años', 12],
  ]),
  age('(+16)', `[(\\[](?:\\+\\s?(?<n>\\d{1,2})|(?<n2>6|7|9|12|14|16|18)\\s?\\+)[)\\]]`, [
    ['Thriller (+16)', 16],
    ['Horror (18+)', 18],
    ['[12+] Serial', 12],
  ]),
  age('PEGI', `${START}(?:PEGI|BBFC|Cert(?:ificate|\\.)?|Rated)\\s?:?\\s?${AGE}\\+?${END}`, [
    ['PEGI 16', 16],
    ['Certificate 15', 15],
  ]),
  age('American', `${START}(?:Rated\\s?:?\\sPG-?|TV-)(?<n>13|14)${END}`, [
    ['Rated PG-13', 13],
    ['TV-14', 14],
  ]),
];

/** Groups: `n` of `m`, or stars to count. */
export const STAR_RULES: readonly RatingRule[] = [
  age(
    'with its name',
    `${START}(?:Rating|Bewertung|Wertung|Note|Notation|Voto|Valutazione|Ocena|Puntuación|Valoración|Waardering|IMDb(?:[- ]Rating)?|Filmweb)\\s?:?\\s?(?<n>\\d{1,2}(?:[.,]\\d)?)\\s?/\\s?(?<m>4|5|6|10|100)${END}`,
    [
      ['Rating: 4/5', 0.8],
      ['Note : 3/5', 0.6],
      ['IMDb 7.8/10', 0.78],
      ['Ocena: 7,5/10', 0.75],
      ['Voto: 8/10', 0.8],
    ],
  ),
  age('IMDb alone', `${START}IMDb(?:[- ]Rating)?\\s?:?\\s?(?<n>\\d[.,]\\d)${END}(?!\\s?/)`, [['IMDb: 7.8', 0.78]]),
  age(
    '4/5 stars',
    `${START}(?<n>\\d(?:[.,]\\d)?)\\s?(?:/|von|out\\sof|sur|van|su|de|na)\\s?(?<m>4|5|6|10)\\s(?:Sternen?|stars?|étoiles?|sterren|gwiazdek|stelle|estrellas)${END}`,
    [
      ['4/5 Sterne', 0.8],
      ['3 out of 5 stars', 0.6],
      ['4 sur 5 étoiles', 0.8],
      ['Das Spiel endet 4/5', null],
    ],
  ),
  age('★★★☆☆', `(?:^|[\\s(])(?<stars>★{1,5}½?☆{0,5})(?=$|[\\s).,])`, [
    ['★★★☆☆', 0.6],
    ['Thriller ★★★★', 0.8],
  ]),
];

/** Years; null when no text says so. */
export function findAgeRating(text: string, language: string | null): number | null {
  if (!/\d/.test(text)) return null;
  for (const rule of AGE_RULES) {
    if (!applies(rule, language)) continue;
    const groups = rule.pattern.exec(text)?.groups;
    const years = Number(groups?.['n'] ?? groups?.['n2'] ?? Number.NaN);
    if (years >= 0 && years <= 21) return years;
  }
  return null;
}

/** 0 to 1; null when no text says so. */
export function findStarRating(text: string, language: string | null): number | null {
  if (!/[\d★]/.test(text)) return null;
  for (const rule of STAR_RULES) {
    if (!applies(rule, language)) continue;
    const groups = rule.pattern.exec(text)?.groups;
    if (groups === undefined) continue;
    const stars = groups['stars'];
    const most = stars === undefined ? Number(groups['m'] ?? 10) : Math.max(5, [...stars.replace('½', '')].length);
    const value =
      stars === undefined
        ? Number((groups['n'] ?? '').replace(',', '.'))
        : stars.split('★').length - 1 + (stars.includes('½') ? 0.5 : 0);
    if (value > most) continue;
    return Math.round((value / most) * 1000) / 1000;
  }
  return null;
}
