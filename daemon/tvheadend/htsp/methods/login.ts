import type { Answer, Method } from '../server/method.ts';
import { HTSP_VERSION } from '../server/protocol.ts';
import type { Session } from '../server/session.ts';
import type { Arguments } from '../wire/arguments.ts';

/** Parts of the protocol beyond its core that are served. */
const CAPABILITIES = ['timeshift', 'imagecache'];

export const LOGIN_METHODS: Readonly<Record<string, Method>> = {
  hello: { isOpen: true, run: hello },
  authenticate: { isOpen: true, run: authenticate },
};

function hello(session: Session, args: Arguments): Answer {
  const { services } = session;
  session.clientName = cleanName(args.text('clientname') ?? '') || session.clientName;
  session.version = Math.min(HTSP_VERSION, args.number('htspversion') ?? HTSP_VERSION);
  const { timeshiftMinutes } = services.settings;
  return {
    fields: {
      htspversion: HTSP_VERSION,
      servername: 'xg2g',
      serverversion: services.version,
      servercapability: CAPABILITIES.filter((name) => name !== 'timeshift' || timeshiftMinutes > 0),
      api_version: HTSP_VERSION,
      challenge: session.challenge,
    },
  };
}

function authenticate(session: Session, args: Arguments): Answer {
  const name = args.text('username') ?? '';
  // Clients without a name authenticate all the same; who may do without is decided by where it comes from.
  const isKnown = name !== '' && (session.user === name || session.authenticate(name, args.bytes('digest')));
  if (!isKnown && !session.isAllowed) return { fields: { noaccess: 1 } };
  return { fields: { admin: 0, streaming: 1, dvr: 1, faileddvr: 0, anonymous: session.user === null ? 1 : 0 } };
}

/** For logs and for people at the tuners. */
function cleanName(name: string): string {
  return name
    .replace(/[^\p{L}\p{N} ._()/-]/gu, '')
    .trim()
    .slice(0, 40);
}
