/** Names as guides write them, in seven languages, and the letters German guides use; by ISO 3166-1 alpha-2 code. */
const NAMES: Readonly<Record<string, string>> = {
  DE: 'D|BRD|DDR|GER|Deutschland|Bundesrepublik Deutschland|Germany|Allemagne|Duitsland|Niemcy|Germania|Alemania|RFN',
  AT: 'A|AUT|Österreich|Austria|Autriche|Oostenrijk',
  CH: 'CH|Schweiz|Switzerland|Suisse|Zwitserland|Szwajcaria|Svizzera|Suiza',
  FR: 'F|FRA|Frankreich|France|Frankrijk|Francja|Francia',
  IT: 'I|ITA|Italien|Italy|Italie|Italië|Włochy|Italia',
  ES: 'E|ESP|Spanien|Spain|Espagne|Spanje|Hiszpania|Spagna|España',
  GB: 'GB|UK|Großbritannien|England|Schottland|Great Britain|United Kingdom|Grande-Bretagne|Royaume-Uni|Angleterre|Groot-Brittannië|Verenigd Koninkrijk|Engeland|Wielka Brytania|Anglia|Gran Bretagna|Regno Unito|Inghilterra|Gran Bretaña|Reino Unido|Inglaterra',
  US: 'USA|US|U\\.S\\.A\\.|EE\\. ?UU\\.|EEUU|Vereinigte Staaten|United States|États-Unis|Etats-Unis|Verenigde Staten|Stany Zjednoczone|Stati Uniti|Estados Unidos',
  CA: 'CDN|CAN|Kanada|Canada|Canadá',
  IE: 'IRL|Irland|Ireland|Irlande|Ierland|Irlandia|Irlanda',
  NL: 'NL|Niederlande|Holland|Netherlands|Pays-Bas|Nederland|Holandia|Paesi Bassi|Olanda|Países Bajos|Holanda',
  BE: 'B|BEL|Belgien|Belgium|Belgique|België|Belgia|Belgio|Bélgica',
  LU: 'L|Luxemburg|Luxembourg|Luksemburg|Lussemburgo|Luxemburgo',
  DK: 'DK|Dänemark|Denmark|Danemark|Denemarken|Dania|Danimarca|Dinamarca',
  SE: 'S|SWE|Schweden|Sweden|Suède|Zweden|Szwecja|Svezia|Suecia',
  NO: 'N|NOR|Norwegen|Norway|Norvège|Noorwegen|Norwegia|Norvegia|Noruega',
  FI: 'FIN|Finnland|Finland|Finlande|Finlandia',
  IS: 'IS|Island|Iceland|Islande|IJsland|Islandia|Islanda',
  PL: 'PL|Polen|Poland|Pologne|Polska|Polonia',
  CZ: 'CZ|CS|ČSSR|Tschechien|Tschechoslowakei|Czech Republic|République tchèque|Tchéquie|Tsjechië|Czechy|Czechosłowacja|Repubblica Ceca|República Checa',
  HU: 'H|Ungarn|Hungary|Hongrie|Hongarije|Węgry|Ungheria|Hungría',
  RU: 'RUS|Russland|Sowjetunion|UdSSR|Russia|Russie|Rusland|Rosja|ZSRR|Rusia',
  UA: 'UA|Ukraine|Oekraïne|Ukraina|Ucraina|Ucrania',
  TR: 'TR|Türkei|Turkey|Turquie|Turkije|Turcja|Turchia|Turquía',
  GR: 'GR|Griechenland|Greece|Grèce|Griekenland|Grecja|Grecia',
  PT: 'P|Portugal|Portugalia|Portogallo',
  AU: 'AUS|Australien|Australia|Australie|Australië',
  NZ: 'NZ|Neuseeland|New Zealand|Nouvelle-Zélande|Nieuw-Zeeland|Nowa Zelandia|Nuova Zelanda|Nueva Zelanda',
  JP: 'J|JPN|Japan|Japon|Japonia|Giappone|Japón',
  KR: 'ROK|Südkorea|South Korea|Corée du Sud|Zuid-Korea|Korea Południowa|Corea del Sud|Corea del Sur',
  CN: 'China|Chine|Chiny|Cina',
  HK: 'HK|Hongkong|Hong Kong|Hong-Kong',
  IN: 'IND|Indien|India|Inde|Indie',
  IL: 'IL|Israel|Israël|Izrael|Israele',
  ZA: 'Südafrika|South Africa|Afrique du Sud|Zuid-Afrika|RPA|Sudafrica|Sudáfrica',
  BR: 'BR|Brasilien|Brazil|Brésil|Brazilië|Brazylia|Brasile|Brasil',
  AR: 'RA|Argentinien|Argentina|Argentine|Argentinië|Argentyna',
  MX: 'MEX|Mexiko|Mexico|Mexique|Meksyk|Messico|México',
  CO: 'CO|Kolumbien|Colombia|Colombie|Kolumbia',
};

/** Beginnings of the adjectives ("amerikanischer", "britisk"), for the forms "a British series of 2019". */
const ADJECTIVES: Readonly<Record<string, string>> = {
  DE: 'deutsch|german|allemand|duits|niemieck|tedesc|aleman|alemán|tysk',
  AT: 'österreichisch|austrian|autrichien|oostenrijks|austriack|austriac|østerriksk',
  CH: 'schweizer|swiss|suisse|zwitsers|szwajcarsk|svizzer|suiz|sveitsisk',
  FR: 'französisch|french|français|frans|francusk|frances|francés|fransk',
  IT: 'italienisch|italian|italien|italiaans|włosk|italiensk',
  ES: 'spanisch|spanish|espagnol|spaans|hiszpańsk|spagnol|español|spansk',
  GB: 'britisch|englisch|british|britannique|anglais|brits|engels|brytyjsk|angielsk|britannic|ingles|inglés|británic|britisk|engelsk',
  US: 'US|US-amerikanisch|amerikanisch|american|américain|amerikaans|amerykańsk|statunitens|estadounidens|amerikansk',
  CA: 'kanadisch|canadian|canadien|canadees|kanadyjsk|canades|canadiens|kanadisk',
  IE: 'irisch|irish|irlandais|iers|irlandzk|irlandes|irlandés|irsk',
  NL: 'niederländisch|dutch|néerlandais|nederlands|holendersk|olandes|neerlandés|nederlandsk',
  BE: 'belgisch|belgian|belge|belgijsk|belg|belgisk',
  DK: 'dänisch|danish|danois|deens|duńsk|danes|danés|dansk',
  SE: 'schwedisch|swedish|suédois|zweeds|szwedzk|svedes|suec|svensk',
  NO: 'norwegisch|norwegian|norvégien|noors|norwesk|norveges|norueg|norsk',
  FI: 'finnisch|finnish|finlandais|fins|fińsk|finlandes|finlandés|finsk',
  PL: 'polnisch|polish|polonais|pools|polsk|polacc|polac',
  AU: 'australisch|australian|australien|australijsk|australsk',
  JP: 'japanisch|japanese|japonais|japans|japońsk|giappones|japonés|japansk',
};

const CODES = new Map<string, string>();
for (const [code, names] of Object.entries(NAMES)) {
  for (const name of names.split('|')) CODES.set(name.replaceAll('\\', '').replaceAll(' ?', ' ').toLowerCase(), code);
}

const longestFirst = (left: string, right: string): number => right.length - left.length;

/** One country's name or letters; the case counts, since "i" and "e" are words. For use in other patterns. */
export const COUNTRY = `(?:${Object.values(NAMES)
  .flatMap((names) => names.split('|'))
  .sort(longestFirst)
  .join('|')})`;

const ADJECTIVE_PAIRS = Object.entries(ADJECTIVES)
  .flatMap(([code, stems]) => stems.split('|').map((stem): [string, string] => [stem, code]))
  .sort(([left], [right]) => longestFirst(left, right));

export const ADJECTIVE = `(?:${ADJECTIVE_PAIRS.map(([stem]) => stem).join('|')})`;

/** The codes of a list such as "Deutschland/Österreich" or "D, F", in its order. */
export function countryCodes(list: string): string[] {
  const codes = list
    .split(/\s?[/,&+–]\s?|\s-\s|-(?=[A-Z]{1,3}\b)|\s(?:und|and|et|en|e|y|i)\s/)
    .map((name) => CODES.get(name.trim().replace('EE.UU.', 'EE. UU.').toLowerCase()));
  return [...new Set(codes)].filter((code) => code !== undefined);
}

/** The code for an adjective in whatever form; null for none. */
export function adjectiveCode(word: string): string | null {
  const lower = word.toLowerCase();
  return ADJECTIVE_PAIRS.find(([stem]) => lower.startsWith(stem.toLowerCase()))?.[1] ?? null;
}
