/** `/api/NAME`: JSON. */
import { MOVIE_DIRECTORY } from '../box/movies.ts';
import { piconName } from '../lineup/service-ref.ts';
import * as device from './answers/device.ts';
import * as guide from './answers/guide.ts';
import * as lineup from './answers/lineup.ts';
import * as movies from './answers/movies.ts';
import { settingRows } from './answers/settings.ts';
import * as status from './answers/status.ts';
import * as timers from './answers/timers.ts';
import { clockTime } from './clock-time.ts';
import { power, zap } from './commands.ts';
import { piconReply } from './picon-reply.ts';
import { json, NO_SUCH_CALL, type Query, type Reply } from './reply.ts';
import { openMovie, type WebContext } from './web-context.ts';

type Call = (context: WebContext, query: Query) => Reply | Promise<Reply>;

const listOf = (query: Query): lineup.ListName =>
  query('stype') === 'radio' || query('type') === 'radio' ? 'radio' : 'tv';
/** Null for what is absent, and for −1, which means the same. */
const numberOf = (text: string): number | null => (/^\d+$/.test(text) ? Number(text) : null);
const timer = (outcome: timers.TimerOutcome, query: Query): Reply =>
  json(timers.outcomeAnswer(outcome, query('returntimer') === '1'));

const CALLS: Readonly<Record<string, Call>> = {
  about: ({ box, faults }) => json(device.about(box, faults.has('streams-as-recordings'))),
  deviceinfo: ({ box, faults }) => json(device.deviceInfo(box, faults.has('streams-as-recordings'))),
  statusinfo: ({ box }) => json(status.statusInfo(box)),
  signal: ({ box }) => json(status.signal(box)),
  tunersignal: ({ box }) => json(status.signal(box)),
  getcurrent: ({ box }) => json(status.getCurrent(box)),
  subservices: ({ box }) => json(status.subservices(box)),
  currenttime: () => json({ status: true, time: clockTime() }),
  settings: ({ ports, login }) => json({ result: true, settings: settingRows(ports().relay, login !== null) }),

  bouquets: ({ box }, query) => json(lineup.bouquets(box.lineup, listOf(query))),
  getservices: ({ box }, query) =>
    json(lineup.getServices(box.lineup, query('sRef')) ?? { result: false, exception: 'NoneType: no such bouquet' }),
  getallservices: ({ box }, query) => json(lineup.getAllServices(box.lineup, listOf(query))),
  serviceplayable: ({ box }, query) => json(lineup.servicePlayable(box, query('sRef'), query('sRefPlaying'))),
  servicelistplayable: ({ box }, query) => json(lineup.serviceListPlayable(box, query('sRef'), query('sRefPlaying'))),
  getpicon: ({ box }, query) => piconReply(box.lineup, `${piconName(query('sRef'))}.png`),

  epgservice: ({ box }, query) =>
    json(guide.epgService(box.lineup, query('sRef'), numberOf(query('time')), numberOf(query('endTime')))),
  epgbouquet: ({ box }, query) => json(guide.epgBouquet(box.lineup, query('bRef'))),
  epgmulti: ({ box }, query) =>
    json(guide.epgMulti(box.lineup, query('bRef'), numberOf(query('time')), numberOf(query('endTime')))),
  epgnow: ({ box }, query) => json(guide.epgNowNext(box.lineup, query('bRef'), ['now'])),
  epgnext: ({ box }, query) => json(guide.epgNowNext(box.lineup, query('bRef'), ['next'])),
  epgnownext: ({ box }, query) => json(guide.epgNowNext(box.lineup, query('bRef'), ['now', 'next'])),

  timerlist: ({ box }) => json(timers.timerList(box)),
  timeradd: ({ box }, query) => timer(timers.addTimer(box, query), query),
  timeraddbyeventid: ({ box }, query) => timer(timers.addTimerByEvent(box, query), query),
  timerchange: ({ box }, query) => timer(timers.changeTimer(box, query), query),
  timerdelete: ({ box }, query) => timer(timers.deleteTimer(box, query), query),
  timertogglestatus: ({ box }, query) => timer(timers.toggleTimer(box, query), query),
  timercleanup: ({ box }) => {
    box.timers.cleanUp();
    return json({ result: true, message: 'List of Timers has been cleaned' });
  },

  movielist: async (context, query) =>
    json(await movies.movieList(context.box, query('dirname'), (movie) => openMovie(context, movie))),
  moviedelete: ({ box }, query) => json(movies.deleteMovie(box, query('sRef'))),
  movieinfo: ({ box }, query) =>
    json(movies.movieInfo(box, query('sRef') || query('sref'), query('addtag'), query('deltag'))),
  getlocations: () => json({ result: true, locations: [MOVIE_DIRECTORY] }),
  getcurrlocation: () => json({ location: MOVIE_DIRECTORY }),

  zap: (context, query) => {
    const { ok, message } = zap(context, query('sRef'));
    return json({ result: ok, message });
  },
  powerstate: (context, query) => {
    power(context, query('newstate'));
    return json({ result: true, instandby: context.box.standby });
  },
};

export function apiCall(context: WebContext, name: string, query: Query): Reply | Promise<Reply> {
  return CALLS[name]?.(context, query) ?? NO_SUCH_CALL;
}
