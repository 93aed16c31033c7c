import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { decodeEntities } from './clean-text.ts';

/**
 * The XML form of OpenWebif's answers (`/web/…`, and all that old images know), brought to the names of the JSON form
 * so that one schema reads both.
 */

const LISTS = new Set([
  'e2service',
  'e2event',
  'e2bouquet',
  'e2frontend',
  'e2tuner',
  'e2timer',
  'e2movie',
  'e2location',
]);

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  processEntities: false, // no entity of the document's own is ever expanded; the usual ones are decoded below
  isArray: (name) => LISTS.has(name),
});

const record = z.record(z.string(), z.unknown());
const rows = z.array(record).catch([]);

/** True when a body that starts with `<` is a web page rather than an answer. */
export function isHtml(text: string): boolean {
  return /^(?:\ufeff|\s|<!--[\s\S]*?-->)*<(?:!doctype\s+html|html|head|body)\b/i.test(text.slice(0, 4096));
}

/** The document as JSON-shaped fields, or null when it is not whole (cut off) or not XML. */
export function parseXmlAnswer(text: string): unknown {
  const root = /<([A-Za-z][\w.-]*)[^<>]*>/.exec(text.replace(/^[\s\ufeff]*(?:<\?[^>]*\?>\s*)?/, ''))?.[1];
  if (root === undefined) return null;
  const end = text.trimEnd();
  if (!end.endsWith(`</${root}>`) && !new RegExp(`<${root}[^<>]*/>$`).test(end)) return null;
  let document: unknown;
  try {
    document = parser.parse(text);
  } catch {
    return null; // what the parser refuses is the same to the caller as a cut document
  }
  const content = record.safeParse(record.safeParse(document).data?.[root]).data ?? {};
  return FORMS[root]?.(content) ?? content;
}

const FORMS: Readonly<Record<string, (content: Record<string, unknown>) => unknown>> = {
  e2servicelist: (content) => ({
    services: rows.parse(content['e2service']).map((row) => ({
      servicereference: text(row['e2servicereference']),
      servicename: text(row['e2servicename']),
    })),
  }),
  e2eventlist: (content) => ({
    events: rows.parse(content['e2event']).map((row) => ({
      id: text(row['e2eventid']),
      sref: text(row['e2eventservicereference']),
      title: text(row['e2eventtitle']),
      shortdesc: text(row['e2eventdescription']),
      longdesc: text(row['e2eventdescriptionextended']),
      begin_timestamp: text(row['e2eventstart']),
      duration_sec: text(row['e2eventduration']),
      genreid: text(row['e2eventgenreid']),
    })),
  }),
  e2timerlist: (content) => ({
    timers: rows.parse(content['e2timer']).map((row) => ({
      serviceref: text(row['e2servicereference']),
      servicename: text(row['e2servicename']),
      name: text(row['e2name']),
      begin: text(row['e2timebegin']),
      end: text(row['e2timeend']),
      startprepare: text(row['e2startprepare']),
      disabled: text(row['e2disabled']),
      justplay: text(row['e2justplay']),
      state: text(row['e2state']),
      description: text(row['e2description']),
      eit: text(row['e2eit']),
      repeated: text(row['e2repeated']),
      afterevent: text(row['e2afterevent']),
      dirname: text(row['e2location']),
      tags: text(row['e2tags']),
      filename: text(row['e2filename']),
    })),
  }),
  e2movielist: (content) => ({
    movies: rows.parse(content['e2movie']).map((row) => ({
      serviceref: text(row['e2servicereference']),
      filename: text(row['e2filename']),
      eventname: text(row['e2title']),
      servicename: text(row['e2servicename']),
      description: text(row['e2description']),
      descriptionExtended: text(row['e2descriptionextended']),
      recordingtime: text(row['e2time']),
      length: text(row['e2length']),
      filesize: text(row['e2filesize']),
    })),
  }),
  e2locations: (content) => ({ locations: texts(content['e2location']) }),
  e2simplexmlresult: (content) => ({ result: text(content['e2state'])?.trim(), message: text(content['e2statetext']) }),
  e2abouts: (content) => aboutForm(record.safeParse(content['e2about']).data ?? {}),
  e2about: aboutForm,
  e2deviceinfo: aboutForm,
  e2powerstate: (content) => ({ inStandby: text(content['e2instandby'])?.trim() }),
  e2frontendstatus: (content) => ({
    snr: text(content['e2snr']),
    snr_db: text(content['e2snrdb']),
    agc: text(content['e2acg']),
    ber: text(content['e2ber'])?.trim(),
  }),
  e2statusinfo: (content) => ({
    inStandby: text(content['e2instandby'])?.trim(),
    isRecording: text(content['e2isrecording'])?.trim(),
    isStreaming: text(content['e2isstreaming'])?.trim(),
    currservice_serviceref: text(content['e2currservice_serviceref']),
    currservice_station: text(content['e2currservice_station']),
  }),
};

function aboutForm(content: Record<string, unknown>): unknown {
  const frontends = record.safeParse(content['e2frontends']).data?.['e2frontend'];
  return {
    info: {
      model: text(content['e2devicename']) ?? text(content['e2model']),
      enigmaver: text(content['e2enigmaversion']),
      imagever: text(content['e2imageversion']),
      webifver: text(content['e2webifversion']),
      tuners: rows.parse(frontends).map((row) => ({ name: text(row['e2name']), type: text(row['e2model']) })),
    },
  };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap((entry) => text(entry) ?? []) : [];
}

/** XML's own level of escaping; what the box escaped once more (HTML in a title) is left for the text cleaner. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' ? decodeEntities(value) : undefined;
}
