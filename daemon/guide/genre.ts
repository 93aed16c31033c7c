/** Spec: ETSI EN 300 468 V1.17.1, 6.2.9 Content descriptor, table 29: content_nibble_level_1 and level_2. */
const LEVEL_1: Readonly<Record<number, string>> = {
  1: 'Movie / Drama',
  2: 'News / Current affairs',
  3: 'Show / Game show',
  4: 'Sports',
  5: "Children's / Youth programmes",
  6: 'Music / Ballet / Dance',
  7: 'Arts / Culture (without music)',
  8: 'Social / Political issues / Economics',
  9: 'Education / Science / Factual topics',
  10: 'Leisure hobbies',
};

const LEVEL_2: Readonly<Record<number, string>> = {
  17: 'Detective / Thriller',
  18: 'Adventure / Western / War',
  19: 'Science fiction / Fantasy / Horror',
  20: 'Comedy',
  21: 'Soap / Melodrama / Folkloric',
  22: 'Romance',
  23: 'Serious / Classical / Religious / Historical movie / Drama',
  24: 'Adult movie / Drama',
  33: 'News / Weather report',
  34: 'News magazine',
  35: 'Documentary',
  36: 'Discussion / Interview / Debate',
  49: 'Game show / Quiz / Contest',
  50: 'Variety show',
  51: 'Talk show',
  65: 'Special events (Olympic Games, World Cup, etc.)',
  66: 'Sports magazines',
  67: 'Football / Soccer',
  68: 'Tennis / Squash',
  69: 'Team sports (excluding football)',
  70: 'Athletics',
  71: 'Motor sport',
  72: 'Water sport',
  73: 'Winter sports',
  74: 'Equestrian',
  75: 'Martial sports',
  81: "Pre-school children's programmes",
  82: 'Entertainment programmes for 6 to 14',
  83: 'Entertainment programmes for 10 to 16',
  84: 'Informational / Educational / School programmes',
  85: 'Cartoons / Puppets',
  97: 'Rock / Pop',
  98: 'Serious music / Classical music',
  99: 'Folk / Traditional music',
  100: 'Jazz',
  101: 'Musical / Opera',
  102: 'Ballet',
  113: 'Performing arts',
  114: 'Fine arts',
  115: 'Religion',
  116: 'Popular culture / Traditional arts',
  117: 'Literature',
  118: 'Film / Cinema',
  119: 'Experimental film / Video',
  120: 'Broadcasting / Press',
  129: 'Magazines / Reports / Documentary',
  130: 'Economics / Social advisory',
  131: 'Remarkable people',
  145: 'Nature / Animals / Environment',
  146: 'Technology / Natural sciences',
  147: 'Medicine / Physiology / Psychology',
  148: 'Foreign countries / Expeditions',
  149: 'Social / Spiritual sciences',
  150: 'Further education',
  151: 'Languages',
  161: 'Tourism / Travel',
  162: 'Handicraft',
  163: 'Motoring',
  164: 'Fitness and health',
  165: 'Cooking',
  166: 'Advertisement / Shopping',
  167: 'Gardening',
};

/** The standard's most exact name; null where it has none. */
export function genreName(genreId: number): string | null {
  return LEVEL_2[genreId] ?? LEVEL_1[genreId >> 4] ?? null;
}

/** The one word by which Plex and Jellyfin sort programmes, where there is one. */
function clientWord(genreId: number, isEpisode: boolean): string | null {
  switch (genreId >> 4) {
    case 1:
      return isEpisode || genreId === 0x15 ? 'Series' : 'Movie';
    case 2:
      return 'News';
    case 4:
      return 'Sports';
    case 5:
      return 'Kids';
    default:
      return isEpisode ? 'Series' : null;
  }
}

/** Categories in English: the clients' word first, then the standard's most exact name. */
export function genreCategories(genreId: number, isEpisode: boolean): string[] {
  const names = [clientWord(genreId, isEpisode), genreName(genreId)];
  return [...new Set(names)].filter((name) => name !== null);
}
