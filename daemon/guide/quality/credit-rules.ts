import type { Credit } from '../programme.ts';
import { type Rule, START } from './rule.ts';

export interface CreditRule extends Rule {
  readonly role: Credit['role'];
  /**
   * Words before names without a colon also begin ordinary sentences ("Mit Herz und Verstand"): there every name must
   * have two words and more.
   */
  readonly form: 'label' | 'words';
  /** Texts and the credits in them, as `Name` or `Name=Character`. */
  readonly examples: ReadonlyArray<readonly [text: string, credits: readonly string[]]>;
}

/** Before a label: the beginning of a line or a sentence, or what separates fields. */
const FIELD = '(?:^|[\\n(|;,/–-]\\s?|[.!?…)\\]]\\s)';

const label = (role: Credit['role'], words: string, examples: CreditRule['examples']): CreditRule => ({
  name: `${role}:`,
  role,
  form: 'label',
  languages: null,
  pattern: new RegExp(`(?:${FIELD}|\\s)(?:${words})(?:\\s?\\(in\\))?\\s?:\\s?`, 'iu'),
  examples,
});
const words = (
  role: Credit['role'],
  lead: string,
  languages: readonly string[] | null,
  examples: CreditRule['examples'],
): CreditRule => ({
  name: `${role} ${lead}`,
  role,
  form: 'words',
  languages,
  pattern: new RegExp(
    `${lead.startsWith('(?<') ? '' : START}(?:${lead})\\s(?=\\p{Lu}|d['’]\\p{Lu}|[dv][aeio]\\p{Ll}?\\s)`,
    'u',
  ),
  examples,
});

export const CREDIT_RULES: readonly CreditRule[] = [
  label(
    'director',
    'Regie|Regisseur|Regisseurin|Director|Directors|Directed by|Réalisation|Réalisateur|Réalisatrice|Réal\\.|Regia|Regista|Dirección|Director\\/a|Reżyseria|Reżyser|Reż\\.|Regi',
    [
      ['Regie: Andrew McCarthy u.a.', ['Andrew McCarthy']],
      ['Director: James Cameron', ['James Cameron']],
      ['Regie: Bernhard Wicki s/w', ['Bernhard Wicki']],
      ['Réalisation : Luc Besson', ['Luc Besson']],
      ['Regia: Paolo Sorrentino.', ['Paolo Sorrentino']],
      ['Dirección: Pedro Almodóvar', ['Pedro Almodóvar']],
      ['Reżyseria: Andrzej Wajda', ['Andrzej Wajda']],
      ['Reż.: Wojciech Smarzowski', ['Wojciech Smarzowski']],
      ['Spielfilm USA 1999, Regie: Joel Coen, Ethan Coen', ['Joel Coen', 'Ethan Coen']],
    ],
  ),
  label(
    'actor',
    'Darsteller|Schauspieler|Besetzung|Mit|Starring|Stars|Cast|With|Avec|Acteurs|Distribution|Interprètes|Con|Interpreti|Attori|Reparto|Intérpretes|Actores|Met|Acteurs en actrices|Obsada|Występują|Wyst\\.|W rolach głównych|Medvirkende|Med',
    [
      [
        'Darsteller:\nPiper Chapman - Taylor Schilling\nLarry Bloom - Jason Biggs',
        ['Taylor Schilling=Piper Chapman', 'Jason Biggs=Larry Bloom'],
      ],
      [
        'Mit: Axel Milberg (Borowski), Almila Bagriacik (Mila Sahin)',
        ['Axel Milberg=Borowski', 'Almila Bagriacik=Mila Sahin'],
      ],
      ['Cast: Tom Hanks, Meg Ryan', ['Tom Hanks', 'Meg Ryan']],
      ['Avec : Jean Dujardin (Georges), Bérénice Bejo', ['Jean Dujardin=Georges', 'Bérénice Bejo']],
      ['Obsada: Marek Kondrat, Bogusław Linda', ['Marek Kondrat', 'Bogusław Linda']],
      ['Reparto: Javier Bardem, Penélope Cruz', ['Javier Bardem', 'Penélope Cruz']],
      ['Interpreti: Toni Servillo, Carlo Verdone', ['Toni Servillo', 'Carlo Verdone']],
      ['Met: Katja Herbers, Peter Paul Muller', ['Katja Herbers', 'Peter Paul Muller']],
    ],
  ),
  label(
    'writer',
    'Buch|Drehbuch|Drehbuchautor|Autor|Buch\\/Autor|Writer|Writers|Written by|Screenplay|Scénario|Scénariste|Sceneggiatura|Guion|Guión|Scenariusz|Scenario',
    [
      ['Buch/Autor: Jenji Kohan u.a.', ['Jenji Kohan']],
      ['Drehbuch: Sascha Arango', ['Sascha Arango']],
      ['Scénario : Jean-Claude Carrière', ['Jean-Claude Carrière']],
      ['Guion: Alejandro Amenábar', ['Alejandro Amenábar']],
      ['Scenariusz: Krzysztof Piesiewicz', ['Krzysztof Piesiewicz']],
    ],
  ),
  label('composer', 'Musik|Komponist|Music|Musique|Musica|Música|Muzyka|Muziek', [
    ['Musik: Hans Zimmer', ['Hans Zimmer']],
    ['Muzyka: Wojciech Kilar', ['Wojciech Kilar']],
  ]),
  label('producer', 'Produzent|Producer|Producers|Producteur|Produttore|Productor|Producent', [
    ['Producer: Jerry Bruckheimer', ['Jerry Bruckheimer']],
  ]),
  label(
    'presenter',
    'Moderation|Moderator|Moderatorin|Presenter|Presenters|Host|Présentation|Présentateur|Animateur|Conduttore|Conduce|Presentador|Presentadora|Presenta|Presentatie|Presentator|Prowadzenie|Prowadzący|Prowadząca',
    [
      ['Moderation: Caren Miosga', ['Caren Miosga']],
      ['Présentation : Élise Lucet', ['Élise Lucet']],
      ['Presentatie: Matthijs van Nieuwkerk', ['Matthijs van Nieuwkerk']],
      ['Prowadzący: Kuba Wojewódzki', ['Kuba Wojewódzki']],
    ],
  ),
  label(
    'guest',
    'Gäste|Gast|Guests|Guest|Invités|Invité|Ospiti|Ospite|Invitados|Invitado|Invitada|Goście|Gość|Gasten',
    [['Gäste: Annalena Baerbock, Markus Söder', ['Annalena Baerbock', 'Markus Söder']]],
  ),
  words('director', 'Directed by|Réalisé par|Regia di|Dirigida por|Dirigido por|Geregisseerd door|[Rr]eż\\.', null, [
    ['Directed by James Cameron.', ['James Cameron']],
    ['Réalisé par Luc Besson', ['Luc Besson']],
    ['Regia di Nanni Moretti.', ['Nanni Moretti']],
    ['Dirigida por Álex de la Iglesia', ['Álex de la Iglesia']],
    ['Film fabularny, reż. Andrzej Wajda', ['Andrzej Wajda']],
  ]),
  words('actor', '[Ww]yst\\.|[Ww]ystępują', null, [
    ['reż. Władysław Pasikowski, wyst. Bogusław Linda, Marek Kondrat', ['Bogusław Linda', 'Marek Kondrat']],
  ]),
  words('actor', '[Ss]tarring|[Ss]tars', null, [
    ['Comedy starring Tom Hanks and Meg Ryan. They meet.', ['Tom Hanks', 'Meg Ryan']],
    ['Stars Will Smith and Samuel L. Jackson.', ['Will Smith', 'Samuel L. Jackson']],
  ]),
  words(
    'actor',
    '(?<=^|[\\n.,;|)!?–-]\\s?|\\d\\s)(?:Mit|mit)',
    ['de'],
    [
      [
        'USA 1999. Mit Brad Pitt, Edward Norton und Helena Bonham Carter',
        ['Brad Pitt', 'Edward Norton', 'Helena Bonham Carter'],
      ],
      ['Mit Herz und Verstand kämpft sie weiter.', []],
      ['Mit Volldampf in die Zukunft', []],
    ],
  ),
  words(
    'actor',
    '(?<=^|[\\n.,;|)!?–-]\\s?|\\d\\s)(?:With|with)',
    ['en'],
    [
      ['Quiz show. With Jimmy Carr and Sean Lock.', ['Jimmy Carr', 'Sean Lock']],
      ['With Love, Actually', []],
    ],
  ),
  words(
    'actor',
    '(?<=^|[\\n.,;|)!?–-]\\s?|\\d\\s|\\p{L}\\s)(?:Avec|avec)',
    ['fr'],
    [
      ['Film de Luc Besson avec Jean Reno et Natalie Portman.', ['Jean Reno', 'Natalie Portman']],
      ['Avec Paris en toile de fond', []],
    ],
  ),
  words(
    'actor',
    '(?<=^|[\\n.,;|)!?–-]\\s?|\\d\\s|\\p{L}\\s)(?:Con|con)',
    ['it', 'es'],
    [
      ['Regia di F. Rosi, con Gian Maria Volonté e Philippe Noiret', ['Gian Maria Volonté', 'Philippe Noiret']],
      ['Con Antonio Banderas y Penélope Cruz.', ['Antonio Banderas', 'Penélope Cruz']],
      ['Con Roma sullo sfondo', []],
    ],
  ),
  words(
    'actor',
    '(?<=^|[\\n.,;|)!?–-]\\s?|\\d\\s)(?:Met|met)',
    ['nl'],
    [
      ['Thriller. Met Carice van Houten en Barry Atsma.', ['Carice van Houten', 'Barry Atsma']],
      ['Met Amsterdam als decor', []],
    ],
  ),
  words(
    'presenter',
    '[Pp]resented by|[Hh]osted by|[Pp]résenté par|[Pp]résentée par|[Cc]ondotto da|[Cc]onduce|[Pp]resenta(?:do por)?|[Gg]epresenteerd door|[Mm]oderiert von|[Pp]rowadzi',
    null,
    [
      ['Hosted by Graham Norton.', ['Graham Norton']],
      ['Présenté par Nagui', []],
      ['Présenté par Élise Lucet.', ['Élise Lucet']],
      ['Conduce Fabio Fazio.', ['Fabio Fazio']],
      ['Gepresenteerd door Linda de Mol.', ['Linda de Mol']],
    ],
  ),
];
