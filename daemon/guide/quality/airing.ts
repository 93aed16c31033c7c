import { applies, type Rule } from './rule.ts';

/** What a programme's texts say of this showing of it. */
export type AiringFlag = 'repeat' | 'isNew' | 'live';

export interface AiringRule extends Rule {
  readonly flag: AiringFlag;
  readonly place: 'title' | 'description';
  /** Texts that say so. */
  readonly examples: readonly string[];
  /** Texts that look alike and do not. */
  readonly others: readonly string[];
}

const REPEAT =
  'Wdh\\.?|Wh\\.?|Wiederholung|Wiederholt|R|rpt|repeat|rediffusion|rediff\\.?|herhaling|herh\\.?|powtórka|powt\\.?|replica|r\\.|repetición|redifusión|reposición|repris|reprise';
const NEW =
  'neu|neue Folgen?|new|new series|nieuw|nouveau|inédit|inédite|nowość|nowy odcinek|nowe odcinki|premiera|premiere|première|nuovo|nuovi episodi|prima tv|1ª tv|prima visione|estreno|nuevo|nuevo episodio|erstausstrahlung|free-tv-premiere|tv-premiere|deutsche erstausstrahlung|all new|brand new';
const LIVE =
  'live|direct|en direct|in diretta|diretta|en directo|directo|na żywo|rechtstreeks|liveübertragung|live-übertragung|direktübertragung';
/** A sentence of its own: at the beginning or after one, and at its end. */
const SENTENCE = ['(?:^|[\\n|]|[.!?…]\\s)', '(?=$|[\\n|]|[.!])'] as const;

const row = (
  name: string,
  flag: AiringFlag,
  place: AiringRule['place'],
  pattern: RegExp,
  examples: readonly string[],
  others: readonly string[] = [],
  languages: readonly string[] | null = null,
): AiringRule => ({ name, flag, place, pattern, examples, others, languages });

export const AIRING_RULES: readonly AiringRule[] = [
  row(
    'repeat in brackets',
    'repeat',
    'title',
    new RegExp(`\\s?[(\\[](?:${REPEAT})(?:\\s[^()\\[\\]]{1,30})?[)\\]]`, 'iu'),
    [
      'Toll (R)',
      'Tatort (Wdh.)',
      'Tatort (Wdh. vom 12.3.)',
      'Telefoot (rediffusion)',
      'Flikken (herhaling)',
      'Ranczo (powtórka)',
      'Un posto al sole (replica)',
      'Cuéntame (repetición)',
    ],
    ['Die Wiederholung', 'R', 'Repeat Performance'],
  ),
  row(
    'repeat at the end',
    'repeat',
    'title',
    /\s[-–]\s?(?:Wdh\.?|Wiederholung|rediffusion|herhaling|powtórka|replica|repetición)$/iu,
    ['Tagesthemen - Wdh.', 'TG1 - Replica'],
  ),
  row(
    'repeat in brackets',
    'repeat',
    'description',
    new RegExp(`[(\\[](?:${REPEAT})(?:\\s[^()\\[\\]]{1,30})?[)\\]]`, 'iu'),
    ['Ein Fall für Borowski. (Wdh.)', 'Quiz show. [R]', 'Magazyn (powt.)', 'Magazine (Rediff.)'],
    ['Ein Fall (Regie: X)'],
  ),
  row(
    'repeat with its day',
    'repeat',
    'description',
    /(?<!\p{L})(?:Wdh\.?|WH|Wiederholung|Wiederholt)\s(?:vom|von|der Sendung vom)\s(?:\p{L}{2,10},?\s)?(?:\d|heute|gestern|Vortag|Sonn|Mon|Diens|Mitt|Donners|Frei|Sams)/iu,
    ['Wiederholung vom 12.03.2024', 'Wdh. vom Vortag', 'Wdh. von gestern'],
    ['Eine Wiederholung von Fehlern'],
  ),
  row(
    'repeat as a sentence',
    'repeat',
    'description',
    new RegExp(
      `${SENTENCE[0]}(?:Wdh\\.|Wiederholung|Repeat|Rpt|Rediffusion|Herhaling|Powtórka|Replica|Repetición|Redifusión|Reposición)${SENTENCE[1]}`,
      'iu',
    ),
    [
      'Talkshow aus Berlin. Wiederholung.',
      'Magazine. Rediffusion.',
      'Powtórka',
      'Informatief programma. Herhaling.',
      'Magazín. Repetición.',
    ],
    ['Die Wiederholung einer Geschichte.', 'Replica fatal'],
  ),
  row(
    'new in brackets',
    'isNew',
    'title',
    new RegExp(`\\s?[(\\[](?:${NEW})[)\\]]`, 'iu'),
    [
      'Das Traumschiff (neu)',
      'Ojciec Mateusz (premiera)',
      'Demain nous appartient (inédit)',
      'Il commissario Montalbano (prima TV)',
      'Flikken (nieuw)',
      'La promesa (estreno)',
    ],
    ['New Amsterdam', 'Neu in unserer Familie'],
  ),
  row(
    'new before the title',
    'isNew',
    'title',
    /^(?:NEU|NEW|New|Nieuw|NIEUW|Nowość|NOWOŚĆ|PREMIERA|ESTRENO|INÉDIT):\s/u,
    ['New: Silent Witness', 'NEU: Die Höhle der Löwen'],
    ['New Girl', 'Neues aus der Anstalt'],
  ),
  row(
    'new as a sentence',
    'isNew',
    'description',
    new RegExp(
      `${SENTENCE[0]}(?:New|New series|Brand new series|All-new series|Neue Folgen?|Neue Staffel|Inédite?|Premiera|Estreno|Nieuwe? aflevering(?:en)?|Nuovi episodi|Prima TV|(?:Deutsche |Free-TV-|TV-)?(?:Erstausstrahlung|Premiere))${SENTENCE[1]}`,
      'iu',
    ),
    [
      'New series. A detective returns.',
      'New. Drama about a village.',
      'Free-TV-Premiere',
      'Série. Inédit.',
      'Serial kryminalny. Premiera.',
      'Deutsche Erstausstrahlung',
    ],
    ['New York City police hunt a killer.', 'Premiere im Theater der Stadt', 'Neue Wege gehen.'],
  ),
  row('new in brackets', 'isNew', 'description', new RegExp(`[(\\[](?:${NEW})[)\\]]`, 'iu'), [
    'Krimiserie (neu)',
    'Série (inédit)',
  ]),
  row(
    'live in brackets',
    'live',
    'title',
    new RegExp(`\\s?[(\\[](?:${LIVE})[)\\]]`, 'iu'),
    [
      'Sportschau (live)',
      'Roland-Garros (direct)',
      'Mecz (na żywo)',
      'Consiglio (diretta)',
      'Vuelta a España (directo)',
    ],
    ['Live (1977)'],
  ),
  row(
    'live before the title',
    'live',
    'title',
    /^(?:(?:LIVE|Live|DIRECT|DIRETTA|DIRECTO|NA ŻYWO):\s|LIVE\s-?\s?(?=\p{Lu}\p{Ll}))/u,
    ['Live: Fußball', 'LIVE Fußball: Deutschland - Italien', 'NA ŻYWO: Skoki narciarskie'],
    ['Live and Let Die', 'LIVE AND LET DIE', 'Live at the Apollo', 'Live Aid'],
  ),
  row(
    'live after the title',
    'live',
    'title',
    /\s?(?:[-–,]\s(?:live|LIVE|Live|na żywo|en direct|in diretta|en directo)|(?<=\p{Ll}\s)LIVE)$/u,
    ['Eurosport Snooker - live', 'Wimbledon LIVE', 'Mecz, na żywo', 'Giro d’Italia - in diretta'],
    ['Saturday Night Live', 'Larry King Live', 'SATURDAY NIGHT LIVE', 'Long Live'],
  ),
  row(
    'live broadcast',
    'live',
    'description',
    /(?<!\p{L})(?:Liveübertragung|Live-Übertragung|Direktübertragung|Transmisja na żywo|Retransmission en direct|Rechtstreekse uitzending|Retransmisión en directo)(?!\p{L})/iu,
    [
      'Live-Übertragung aus dem Stadion',
      'Direktübertragung aus Wien',
      'Transmisja na żywo z Zakopanego',
      'Retransmission en direct du match',
    ],
  ),
  row(
    'live from',
    'live',
    'description',
    /(?:^|[\n|]|[.!?…]\s)(?:Live aus|Live vom?|Live from|Live coverage|En direct d[eu']|In diretta d|Rechtstreeks (?:vanuit|uit|vanaf)|Na żywo z|En directo desde)(?=\s|\p{L})/iu,
    [
      'Live aus der Arena in München.',
      'Live coverage of the final.',
      'En direct de Roland-Garros',
      'In diretta dallo studio',
      'Rechtstreeks vanuit Hilversum',
      'En directo desde Madrid',
    ],
    ['They live from day to day.', 'Er kann nicht live aus dem Haus'],
  ),
  row(
    'live as a sentence',
    'live',
    'description',
    new RegExp(`${SENTENCE[0]}(?:Live|En direct|In diretta|Na żywo|En directo|Rechtstreeks)${SENTENCE[1]}`, 'iu'),
    ['Fußball. Live.', 'Magazine. En direct.'],
    ['Live free or die.'],
  ),
];

/** What a text says, and for a title the text without the words that said so. */
export function findAiring(
  text: string,
  place: AiringRule['place'],
  language: string | null,
): { flags: ReadonlySet<AiringFlag>; rest: string } {
  const flags = new Set<AiringFlag>();
  let rest = text;
  for (const rule of AIRING_RULES) {
    if (rule.place !== place || !applies(rule, language)) continue;
    const match = rule.pattern.exec(rest);
    if (match === null) continue;
    flags.add(rule.flag);
    const without = `${rest.slice(0, match.index)} ${rest.slice(match.index + match[0].length)}`;
    if (place === 'title' && without.trim() !== '') rest = without.replace(/\s{2,9}/g, ' ').trim();
  }
  return { flags, rest };
}
