/** `/web/NAME`: XML, what old clients ask; and the playlist of a stream. */
import { deleteMovie } from './answers/movies.ts';
import { settingRows } from './answers/settings.ts';
import * as timers from './answers/timers.ts';
import { power, zap } from './commands.ts';
import { NO_SUCH_CALL, type Query, type Reply, xml } from './reply.ts';
import { streamPlaylist } from './stream-playlist.ts';
import { openMovie, type WebContext } from './web-context.ts';
import * as device from './xml/device.ts';
import { simpleResult } from './xml/elements.ts';
import * as guide from './xml/guide.ts';
import * as lineup from './xml/lineup.ts';
import { movieListXml } from './xml/movies.ts';
import { locationsXml, timerListXml } from './xml/timers.ts';

/** `host` as the client calls the box. */
type Call = (context: WebContext, query: Query, host: string) => Reply | Promise<Reply>;

const timer = ({ ok, message }: timers.TimerOutcome): Reply => xml(simpleResult(ok, message));

const CALLS: Readonly<Record<string, Call>> = {
  'stream.m3u': ({ box, ports }, query, host) => ({
    type: 'application/x-mpegurl',
    body: streamPlaylist(box.lineup, query('ref'), query('name'), host, ports()),
  }),
  about: () => xml(device.aboutXml()),
  deviceinfo: ({ box }) => xml(device.deviceInfoXml(box)),
  signal: ({ box }) => xml(device.signalXml(box)),
  settings: ({ ports, login }) => xml(device.settingsXml(settingRows(ports().relay, login !== null))),
  getcurrent: ({ box }) => xml(device.currentServiceXml(box)),
  subservices: ({ box }) => xml(device.subservicesXml(box)),
  currenttime: () => xml(guide.currentTimeXml()),

  getservices: ({ box }, query) => xml(lineup.serviceListXml(box.lineup, query('sRef'))),
  getallservices: ({ box }, query) =>
    xml(lineup.allServicesXml(box.lineup, query('type') === 'radio' ? 'radio' : 'tv')),

  epgservice: ({ box }, query) => xml(guide.eventListXml(box.lineup, query('sRef'))),
  epgnow: ({ box }, query) => xml(guide.nowNextXml(box.lineup, query('bRef'), ['now'])),
  epgnext: ({ box }, query) => xml(guide.nowNextXml(box.lineup, query('bRef'), ['next'])),
  epgnownext: ({ box }, query) => xml(guide.nowNextXml(box.lineup, query('bRef'), ['now', 'next'])),

  timerlist: ({ box }) => xml(timerListXml(box)),
  timeradd: ({ box }, query) => timer(timers.addTimer(box, query)),
  timeraddbyeventid: ({ box }, query) => timer(timers.addTimerByEvent(box, query)),
  timerchange: ({ box }, query) => timer(timers.changeTimer(box, query)),
  timerdelete: ({ box }, query) => timer(timers.deleteTimer(box, query)),

  movielist: async (context, query) =>
    xml(await movieListXml(context.box, query('dirname'), (movie) => openMovie(context, movie))),
  moviedelete: ({ box }, query) => {
    const { result, message } = deleteMovie(box, query('sRef'));
    return xml(simpleResult(result, message));
  },
  getlocations: () => xml(locationsXml()),

  zap: (context, query) => {
    const { ok, message } = zap(context, query('sRef'));
    return xml(simpleResult(ok, message));
  },
  powerstate: (context, query) => {
    power(context, query('newstate'));
    return xml(device.powerStateXml(context.box));
  },
};

export function xmlCall(context: WebContext, name: string, query: Query, host: string): Reply | Promise<Reply> {
  return CALLS[name]?.(context, query, host) ?? NO_SUCH_CALL;
}
