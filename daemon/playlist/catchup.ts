import type { Channel } from '../lineup/channel.ts';
import type { Movie, Recordings } from '../recordings/recordings.ts';

const DAY_SECONDS = 86_400;
/** A recording that misses so much of a programme's beginning is none of it. */
const MISSING_SECONDS = 5 * 60;
/** What is taken for the length of a programme that the player does not tell. */
const USUAL_SECONDS = 30 * 60;

/**
 * What players may catch up with: the recordings that the receivers have. Kodi's IPTV Simple, TiviMate and others then
 * offer programmes that are over in their guide.
 */
export class Catchup {
  readonly #recordings: Pick<Recordings, 'movies' | 'onChange'>;
  readonly #now: () => number;
  #revision = 0;
  #byChannel: ReadonlyMap<string, readonly Movie[]> | null = null;

  constructor(recordings: Pick<Recordings, 'movies' | 'onChange'>, now: () => number = () => Date.now() / 1_000) {
    this.#recordings = recordings;
    this.#now = now;
    recordings.onChange(() => {
      this.#byChannel = null;
      this.#revision++;
    });
  }

  /** Changes whenever lists may have to. */
  get revision(): string {
    return `${this.#revision}.${Math.floor(this.#now() / DAY_SECONDS)}`;
  }

  /** Of the channel's entry in a playlist; none where nothing of it was recorded. */
  attributes({ id }: Pick<Channel, 'id'>, baseUrl: string): readonly string[] {
    const movies = this.#movies.get(id);
    if (movies === undefined) return [];
    const oldest = movies.reduce((start, movie) => Math.min(start, movie.startSeconds), Number.POSITIVE_INFINITY);
    const days = Math.max(1, Math.ceil((this.#now() - oldest) / DAY_SECONDS));
    const source = `${baseUrl}/catchup/${id}.ts?utc={utc}&duration={duration}`;
    return ['catchup="default"', `catchup-days="${days}"`, `catchup-source="${source}"`];
  }

  /** The recording that holds most of what ran on the channel then; null where nobody recorded it. */
  find(channelId: string, startSeconds: number, durationSeconds: number | null): Movie | null {
    const stopSeconds = startSeconds + (durationSeconds ?? USUAL_SECONDS);
    const held = (movie: Movie): number =>
      Math.min(stopSeconds, movie.startSeconds + movie.durationSeconds) - Math.max(startSeconds, movie.startSeconds);
    return (this.#movies.get(channelId) ?? [])
      .filter((movie) => movie.startSeconds <= startSeconds + MISSING_SECONDS && held(movie) > 0)
      .reduce<Movie | null>((best, movie) => (best === null || held(movie) > held(best) ? movie : best), null);
  }

  get #movies(): ReadonlyMap<string, readonly Movie[]> {
    if (this.#byChannel === null) {
      const byChannel = new Map<string, Movie[]>();
      for (const movie of this.#recordings.movies) {
        if (movie.channelId === null) continue;
        const list = byChannel.get(movie.channelId);
        if (list === undefined) byChannel.set(movie.channelId, [movie]);
        else list.push(movie);
      }
      this.#byChannel = byChannel;
    }
    return this.#byChannel;
  }
}
