import { isIP } from 'node:net';
import { NetworkSet } from '#daemon/config/networks.ts';
import { parseAuthorization } from '#daemon/http/access/authorization.ts';
import { clientAddresses } from '#daemon/http/access/client-addresses.ts';
import { Digest } from '#daemon/http/access/digest.ts';
import { requestedRange } from '#daemon/http/byte-range.ts';
import { locationsSchema, moviesSchema } from '#daemon/receiver/recording-schemas.ts';
import { parseXmlAnswer } from '#daemon/receiver/xml-answers.ts';
import { gridArguments, parseArguments } from '#daemon/tvheadend/http/arguments.ts';
import { eventIds, timerWish, uuids } from '#daemon/tvheadend/http/dvr.ts';
import { eventArguments } from '#daemon/tvheadend/http/events.ts';
import { gridOf } from '#daemon/tvheadend/http/grid.ts';
import { TvhChannels } from '#daemon/tvheadend/ids.ts';
import { SYSTEM_CLOCK } from '#shared/clock.ts';
import { XgError } from '#shared/errors.ts';
import { flipBits, overwriteRun, truncate } from '../mutations/bytes.ts';
import type { Random } from '../random.ts';
import { type FuzzTarget, mustHold } from '../target.ts';

/** What clients and boxes send in words: each is good until it is mutated. */
const SEEDS: readonly string[] = [
  'Digest username="anna", realm="xg2g", nonce="k2.abc", uri="/x?y", algorithm=MD5, qop=auth, nc=00000001, cnonce="a", response="00"',
  'Digest username*=UTF-8\'\'J%C3%BCrgen, realm="xg2g", nonce="", uri="/", qop=auth, nc=00000001, cnonce="\\"", response="00"',
  'Basic YW5uYTpnZWhlaW0=',
  '203.0.113.5, [2001:db8::1]:80, ::ffff:10.0.0.1, fe80::1%eth0, 192.168.1.5:99',
  'bytes=0-499',
  'bytes=-5',
  '[{"field":"name","type":"string","value":"^a\\\\.b$"},{"field":"number","type":"numeric","value":3,"comparison":"gt"}]',
  '{"start":2000000000,"stop":2000003600,"channelname":"ZDF","title":{"ger":"Film"},"start_extra":5}',
  '[{"event_id":"5"},{"event_id":6}]',
  '["913a4f491178f30c3da7229a119c38b0"]',
  '{"movies":[{"serviceref":"1:0:0:0:0:0:0:0:0:0:/m/a.ts","filename":"/m/a.ts","eventname":"x","length":"1:30","filesize":"5 MB"}],"bookmarks":"b","locations":["/m/"]}',
  '<e2movielist><e2movie><e2servicereference>1:0:0:0:0:0:0:0:0:0:/m/a.ts</e2servicereference><e2filename>/m/a.ts</e2filename></e2movie></e2movielist>',
  '99999999999999999999',
  '-1',
  'start',
];

const CODES: ReadonlySet<string> = new Set(['TVH_ARGUMENT', 'CHANNEL_UNKNOWN']);
const ROWS = [
  { uuid: 'a', name: 'ZDF', number: 2, enabled: true },
  { uuid: 'b', name: null, number: undefined, enabled: false },
];
const CHANNELS = new TvhChannels([]);
const networks = new NetworkSet(['private', 'local']);
const digest = new Digest({ realm: 'xg2g', clock: SYSTEM_CLOCK });

function onlyOurs<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof XgError && CODES.has(error.code)) return null;
    throw error;
  }
}

function mutated(random: Random): Buffer {
  let bytes: Buffer = Buffer.from(random.pick(SEEDS) ?? '');
  for (let left = random.below(4); left > 0 && bytes.length > 0; left--) {
    bytes = Buffer.from(random.pick([flipBits, overwriteRun, truncate])(bytes, random));
  }
  return random.chance(0.05) ? random.bytes(random.size(5_000)) : bytes;
}

/** Headers, queries and the box's lists of recordings: an answer or a clear error, and no access by accident. */
export const requestsTarget: FuzzTarget = {
  name: 'requests',
  weight: 1,
  make(random) {
    return { options: {}, bytes: mutated(random) };
  },
  run({ bytes }) {
    const text = bytes.toString('latin1');
    const words = bytes.toString('utf8');
    const credentials = parseAuthorization(text);
    if (credentials?.scheme === 'digest') {
      const request = { method: 'GET', target: '/x?y', fields: credentials.fields, password: 'geheim' };
      mustHold(digest.verify(request) !== 'right', () => 'a digest that nobody computed is right');
    }
    const socket = { remoteAddress: '203.0.113.9' } as never;
    const headers = { 'x-forwarded-for': text, forwarded: text, 'x-real-ip': text };
    const far = clientAddresses({ headers, socket }, () => false);
    mustHold(far.client === '203.0.113.9', () => `the client became ${far.client}`);
    mustHold(!far.all.every((address) => networks.has(address)), () => 'a header opened the house');
    for (const address of far.all)
      mustHold(!networks.has(address) || isIP(address.replace(/%.*/, '')) > 0, () => address);
    const range = requestedRange(text, 1_000);
    if (range.kind === 'part') mustHold(range.startByte >= 0 && range.startByte < 1_000, () => JSON.stringify(range));

    const args = { filter: words, sort: words, dir: words, list: words, title: words, channel: words, limit: '10' };
    const grid = onlyOurs(() => gridOf(ROWS, parseArguments(gridArguments, args)));
    mustHold((grid?.entries.length ?? 0) <= ROWS.length, () => 'a grid of more rows than there are');
    onlyOurs(() => gridOf(ROWS, parseArguments(gridArguments, { start: words, limit: words })));
    onlyOurs(() => parseArguments(eventArguments, { ...args, contentType: words, durationMin: words }));
    onlyOurs(() => timerWish({ conf: words }, CHANNELS));
    onlyOurs(() => eventIds({ entries: words }));
    onlyOurs(() => eventIds({ event_id: words }));
    onlyOurs(() => uuids({ uuid: words }));
    readMovies(words);
    return { bytesOut: 0 };
  },
};

function readMovies(words: string): void {
  let answer: unknown = null;
  try {
    answer = words.startsWith('<') ? parseXmlAnswer(words) : JSON.parse(words);
  } catch {
    return; // what is no JSON has been refused before these schemas
  }
  for (const { path, sizeBytes } of moviesSchema.safeParse(answer).data?.movies ?? []) {
    mustHold(path.startsWith('/') && Number.isSafeInteger(sizeBytes), () => path);
  }
  locationsSchema.safeParse(answer);
}
