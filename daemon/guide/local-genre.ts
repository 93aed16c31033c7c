import { genreName } from './genre.ts';

const LANGUAGES = ['de', 'fr', 'nl', 'pl', 'it', 'es'] as const;
type GenreLanguage = (typeof LANGUAGES)[number];

/** Short names as guides print them; content_nibble_level_1 × 16 + level_2, then in the order of `LANGUAGES`. */
const NAMES = `
0x10|Spielfilm|Film|Film|Film|Film|Cine
0x11|Krimi|Policier|Misdaad|Kryminał|Poliziesco|Policíaco
0x12|Abenteuer|Aventure|Avontuur|Przygodowy|Avventura|Aventuras
0x13|Science-Fiction|Science-fiction|Sciencefiction|Science fiction|Fantascienza|Ciencia ficción
0x14|Komödie|Comédie|Komedie|Komedia|Commedia|Comedia
0x15|Serie|Feuilleton|Soap|Telenowela|Soap opera|Telenovela
0x16|Romantik|Romance|Romantiek|Romans|Sentimentale|Romántico
0x17|Drama|Drame|Drama|Dramat|Drammatico|Drama
0x18|Erotik|Érotique|Erotiek|Erotyczny|Erotico|Erótico
0x20|Nachrichten|Actualités|Nieuws|Wiadomości|Attualità|Actualidad
0x21|Nachrichten|Journal|Nieuws|Wiadomości|Telegiornale|Noticias
0x22|Magazin|Magazine d'information|Nieuwsmagazine|Magazyn informacyjny|Rotocalco|Magacín informativo
0x23|Dokumentation|Documentaire|Documentaire|Film dokumentalny|Documentario|Documental
0x24|Diskussion|Débat|Discussie|Debata|Dibattito|Debate
0x30|Show|Divertissement|Show|Rozrywka|Spettacolo|Espectáculo
0x31|Quiz|Jeu|Quiz|Teleturniej|Quiz|Concurso
0x32|Unterhaltung|Variétés|Variété|Program rozrywkowy|Varietà|Variedades
0x33|Talkshow|Talk-show|Talkshow|Talk-show|Talk show|Programa de entrevistas
0x40|Sport|Sport|Sport|Sport|Sport|Deportes
0x41|Sportereignis|Événement sportif|Sportevenement|Wydarzenie sportowe|Evento sportivo|Acontecimiento deportivo
0x42|Sportmagazin|Magazine sportif|Sportmagazine|Magazyn sportowy|Rubrica sportiva|Magacín deportivo
0x43|Fußball|Football|Voetbal|Piłka nożna|Calcio|Fútbol
0x44|Tennis|Tennis|Tennis|Tenis|Tennis|Tenis
0x45|Mannschaftssport|Sport collectif|Teamsport|Gry zespołowe|Sport di squadra|Deporte de equipo
0x46|Leichtathletik|Athlétisme|Atletiek|Lekkoatletyka|Atletica|Atletismo
0x47|Motorsport|Sport mécanique|Motorsport|Sporty motorowe|Motori|Motor
0x48|Wassersport|Sport nautique|Watersport|Sporty wodne|Sport acquatici|Deportes acuáticos
0x49|Wintersport|Sport d'hiver|Wintersport|Sporty zimowe|Sport invernali|Deportes de invierno
0x4a|Reitsport|Équitation|Paardensport|Jeździectwo|Equitazione|Hípica
0x4b|Kampfsport|Sport de combat|Vechtsport|Sporty walki|Sport da combattimento|Deportes de combate
0x50|Kinder|Jeunesse|Jeugd|Dla dzieci|Ragazzi|Infantil
0x51|Vorschule|Tout-petits|Peuters en kleuters|Dla najmłodszych|Prescolare|Preescolar
0x52|Kinder 6-14|Jeunesse 6-14 ans|Jeugd 6-14|Dla dzieci 6-14|Ragazzi 6-14|Infantil 6-14
0x53|Jugend 10-16|Jeunesse 10-16 ans|Jeugd 10-16|Dla młodzieży 10-16|Ragazzi 10-16|Juvenil 10-16
0x54|Schulfernsehen|Éducatif|Educatief|Edukacyjny|Educativo|Educativo
0x55|Zeichentrick|Dessin animé|Tekenfilm|Film animowany|Cartoni animati|Dibujos animados
0x60|Musik|Musique|Muziek|Muzyka|Musica|Música
0x61|Rock und Pop|Rock, pop|Rock en pop|Rock i pop|Rock e pop|Rock y pop
0x62|Klassik|Musique classique|Klassieke muziek|Muzyka poważna|Musica classica|Música clásica
0x63|Volksmusik|Musique traditionnelle|Volksmuziek|Muzyka ludowa|Musica popolare|Música popular
0x64|Jazz|Jazz|Jazz|Jazz|Jazz|Jazz
0x65|Oper und Musical|Opéra, comédie musicale|Opera en musical|Opera i musical|Opera e musical|Ópera y musical
0x66|Ballett|Ballet|Ballet|Balet|Balletto|Ballet
0x70|Kultur|Culture|Cultuur|Kultura|Cultura|Cultura
0x71|Theater|Théâtre|Theater|Teatr|Teatro|Teatro
0x72|Kunst|Beaux-arts|Kunst|Sztuka|Arte|Bellas artes
0x73|Religion|Religion|Religie|Religia|Religione|Religión
0x74|Volkskultur|Culture populaire|Volkscultuur|Kultura ludowa|Cultura popolare|Cultura popular
0x75|Literatur|Littérature|Literatuur|Literatura|Letteratura|Literatura
0x76|Kino|Cinéma|Cinema|O filmie|Cinema|Sobre cine
0x77|Experimentalfilm|Film expérimental|Experimentele film|Film eksperymentalny|Film sperimentale|Cine experimental
0x78|Medien|Médias|Media|Media|Media|Medios
0x79|Neue Medien|Nouveaux médias|Nieuwe media|Nowe media|Nuovi media|Nuevos medios
0x7a|Kulturmagazin|Magazine culturel|Cultuurmagazine|Magazyn kulturalny|Rubrica culturale|Magacín cultural
0x7b|Mode|Mode|Mode|Moda|Moda|Moda
0x80|Gesellschaft|Société|Samenleving|Społeczeństwo|Società|Sociedad
0x81|Reportage|Reportage|Reportage|Reportaż|Reportage|Reportaje
0x82|Wirtschaft|Économie|Economie|Gospodarka|Economia|Economía
0x83|Porträt|Portrait|Portret|Portret|Ritratto|Retrato
0x90|Wissen|Découverte|Wetenschap|Nauka|Scienza|Ciencia
0x91|Natur|Nature|Natuur|Przyroda|Natura|Naturaleza
0x92|Technik|Technologie|Techniek|Technika|Tecnologia|Tecnología
0x93|Medizin|Médecine|Geneeskunde|Medycyna|Medicina|Medicina
0x94|Ferne Länder|Pays lointains|Verre landen|Dalekie kraje|Paesi lontani|Países lejanos
0x95|Geisteswissenschaft|Sciences humaines|Geesteswetenschappen|Nauki humanistyczne|Scienze umane|Ciencias humanas
0x96|Weiterbildung|Formation|Volwasseneneducatie|Edukacja dorosłych|Formazione|Formación
0x97|Sprachen|Langues|Talen|Języki|Lingue|Idiomas
0xa0|Freizeit|Loisirs|Vrije tijd|Hobby|Tempo libero|Ocio
0xa1|Reise|Voyage|Reizen|Podróże|Viaggi|Viajes
0xa2|Handwerk|Bricolage|Handwerk|Majsterkowanie|Fai da te|Bricolaje
0xa3|Auto und Motor|Auto-moto|Auto en motor|Motoryzacja|Auto e moto|Automóvil
0xa4|Gesundheit|Forme et santé|Gezondheid|Zdrowie|Salute|Salud
0xa5|Kochen|Cuisine|Koken|Kulinaria|Cucina|Cocina
0xa6|Einkaufen|Téléachat|Winkelen|Zakupy|Televendita|Teletienda
0xa7|Garten|Jardinage|Tuinieren|Ogród|Giardinaggio|Jardinería
`;

const BY_ID = new Map(
  NAMES.trim()
    .split('\n')
    .map((line): [number, readonly string[]] => {
      const [id, ...names] = line.split('|');
      return [Number(id), names];
    }),
);

/** All names, in small letters: a text that is one of them says the genre and no more. */
export const GENRE_WORDS: ReadonlySet<string> = new Set([...BY_ID.values()].flat().map((name) => name.toLowerCase()));

/**
 * The genre in the user's language (ISO 639-1): the most exact name there is, else that of level 1. English for `en`;
 * null for a genre the standard leaves open and for languages without a table.
 */
export function localGenre(genreId: number, language: string): string | null {
  if (language === 'en') return genreName(genreId);
  const column = LANGUAGES.indexOf(language.slice(0, 2).toLowerCase() as GenreLanguage);
  if (column === -1) return null;
  return (BY_ID.get(genreId) ?? BY_ID.get(genreId & 0xf0))?.[column] ?? null;
}

/** The word for a series, where what it is about is not in the genre. */
const SERIES: Readonly<Record<string, string>> = {
  en: 'Series',
  de: 'Serie',
  fr: 'Série',
  es: 'Serie',
  it: 'Serie',
  nl: 'Serie',
  pl: 'Serial',
};

/** Null for languages without a table. */
export function localSeries(language: string): string | null {
  return SERIES[language.slice(0, 2).toLowerCase()] ?? null;
}
