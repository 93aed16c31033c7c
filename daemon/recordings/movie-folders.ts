import { errorCode } from '#shared/errors.ts';
import type { BoxMovie } from '../receiver/model.ts';
import type { RecordingReceiver } from './recording-receiver.ts';

export const MAX_MOVIES = 10_000;
/** Each is a request to a slow box. */
const MAX_FOLDERS = 200;
const MAX_DEPTH = 5;
/** What was deleted waits there, and what the box keeps for itself begins with a dot. */
const SKIPPED = /^(?:\.|trash(?:can)?$|movie_trash$|lost\+found$|#recycle$|@eaDir$)/i;

/**
 * All recordings of a box, folder by folder, the newest first; beyond the bounds the rest is left out. Images without
 * `getlocations` have one folder.
 */
export async function readMovies(receiver: RecordingReceiver, signal: AbortSignal): Promise<readonly BoxMovie[]> {
  const found = new Map<string, BoxMovie>();
  const seen = new Set<string>();
  const waiting: { readonly path: string | null; readonly depth: number }[] = [];
  for (const path of await locationsOf(receiver, signal)) waiting.push({ path, depth: 0 });
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { path, depth } = next;
    const key = (path ?? '').replace(/\/+$/, '');
    if (seen.has(key) || seen.size >= MAX_FOLDERS || found.size >= MAX_MOVIES) continue;
    seen.add(key);
    const { movies, folders } = await receiver.movies(path, { signal });
    for (const movie of movies) {
      if (found.size < MAX_MOVIES) found.set(movie.path, movie);
    }
    if (path === null || depth >= MAX_DEPTH) continue;
    for (const folder of folders) {
      const child = childOf(key, folder);
      if (child !== null) waiting.push({ path: child, depth: depth + 1 });
    }
  }
  return [...found.values()].sort((left, right) => right.startSeconds - left.startSeconds);
}

async function locationsOf(receiver: RecordingReceiver, signal: AbortSignal): Promise<readonly (string | null)[]> {
  try {
    const locations = await receiver.locations({ signal });
    return locations.length === 0 ? [null] : locations;
  } catch (error) {
    if (!['RECEIVER_NOT_OPENWEBIF', 'RECEIVER_BAD_ANSWER', 'RECEIVER_REFUSED'].includes(errorCode(error))) throw error;
    return [null];
  }
}

/** Bookmarks that lead elsewhere are locations too, or not for us. */
function childOf(parent: string, name: string): string | null {
  const folder = name.replace(/\/+$/, '');
  if (folder === '' || folder.startsWith('/') || folder.split('/').some((part) => part === '' || SKIPPED.test(part))) {
    return null;
  }
  return `${parent}/${folder}/`;
}
