import type { Context } from 'koa';
import type { Clock } from '#shared/clock.ts';
import type { AccessUser } from '../../config/access-policy.ts';
import type { GuideReader } from '../../guide/store.ts';
import type { Recordings } from '../../recordings/recordings.ts';
import type { Arbiter } from '../../tuners/arbiter.ts';
import type { PlaylistForm } from '../../tvheadend/http/playlists.ts';
import type { TvhLineup } from '../../tvheadend/ids.ts';
import type { TicketOffice } from '../../tvheadend/tickets.ts';
import { userOf } from '../access/gate.ts';
import type { AuthCodes } from '../access/url-login.ts';
import { requestBaseUrl } from '../base-url.ts';
import type { AppDeps } from '../deps.ts';
import type { StreamRouteDeps } from '../routes-streams.ts';

/** What the Tvheadend face needs of the rest. */
export interface TvheadendDeps {
  readonly tvh: TvhLineup;
  readonly lineup: AppDeps['lineup'] & { onChange(listener: () => void): () => void };
  readonly guide: Pick<GuideReader, 'programmes' | 'programme' | 'revision' | 'onChange'>;
  readonly recordings: Recordings;
  readonly tuners: Pick<Arbiter, 'state' | 'nowMs'>;
  readonly streams: StreamRouteDeps;
  readonly profiles: AppDeps['profiles'];
  readonly tickets: TicketOffice;
  readonly authCodes: AuthCodes;
  readonly userOf: (name: string) => AccessUser | null;
  readonly publicUrl: string | null;
  readonly version: string;
  readonly clock: Clock;
}

/** How the addresses in a playlist log in: not at all, by a ticket each, or by the code of the user who asks for it. */
export type PlaylistLogin = '' | '/ticket' | '/auth';

export function playlistForm(ctx: Context, deps: TvheadendDeps, login: PlaylistLogin): PlaylistForm {
  const profile = [ctx.query['profile'] ?? []].flat()[0] ?? '';
  const name = userOf(ctx);
  const user = name === null ? null : deps.userOf(name);
  // Who came by a code could not open the addresses without it.
  const withCode = login === '/auth' || ctx.query['auth'] !== undefined;
  const code = withCode && user !== null ? deps.authCodes.codeOf(user) : null;
  return {
    baseUrl: requestBaseUrl(ctx, deps.publicUrl),
    query: (path) => {
      const query = new URLSearchParams();
      if (profile !== '' && !path.startsWith('/dvrfile/')) query.set('profile', profile);
      if (code !== null) query.set('auth', code);
      else if (login === '/ticket') query.set('ticket', deps.tickets.issue(path));
      const text = query.toString();
      return text === '' ? '' : `?${text}`;
    },
  };
}
