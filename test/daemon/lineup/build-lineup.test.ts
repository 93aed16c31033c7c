import test from 'ava';
import type { BouquetSource } from '#daemon/lineup/bouquet-rows.ts';
import { buildLineup } from '#daemon/lineup/build-lineup.ts';
import type { Bouquet, ServiceEntry } from '#daemon/receiver/model.ts';
import { XgError } from '#shared/errors.ts';

const bouquetRef = (name: string, flags = 7): string =>
  `1:${flags}:1:0:0:0:0:0:0:0:FROM BOUQUET "userbouquet.${name}.tv" ORDER BY bouquet`;
const dvb = (sid: string, name: string, stype = '19'): ServiceEntry => ({
  ref: `1:0:${stype}:${sid}:3FB:1:C00000:0:0:0:`,
  name,
  provider: null,
});
const row = (ref: string, name: string): ServiceEntry => ({ ref, name, provider: null });

/** A box whose bouquets are given by name; a name whose rows are an Error fails when it is read. */
function box(lists: {
  tv: Record<string, ServiceEntry[] | Error>;
  radio?: Record<string, ServiceEntry[] | Error>;
  other?: Record<string, ServiceEntry[] | Error>;
  hidden?: readonly string[];
}): BouquetSource & { asked: string[] } {
  const flags = (name: string): number => (lists.hidden?.includes(name) === true ? 519 : 7);
  const top = (list: Record<string, unknown>): Bouquet[] =>
    Object.keys(list).map((name) => ({ ref: bouquetRef(name, flags(name)), name }));
  const rows = new Map<string, ServiceEntry[] | Error>();
  for (const [name, entries] of Object.entries({ ...lists.tv, ...lists.radio }))
    rows.set(bouquetRef(name, flags(name)), entries);
  for (const [ref, entries] of Object.entries(lists.other ?? {})) rows.set(ref, entries);
  const asked: string[] = [];
  return {
    asked,
    bouquets: async (list) => top(list === 'tv' ? lists.tv : (lists.radio ?? {})),
    services: async (ref) => {
      asked.push(ref);
      const entries = rows.get(ref) ?? [];
      if (entries instanceof Error) throw entries;
      return entries;
    },
  };
}

const all = { bouquets: [] };

test('numbers count through the bouquets like the remote control: markers take none, numbered ones do', async (t) => {
  const source = box({
    tv: {
      First: [
        dvb('1', 'A'),
        row('1:64:0:0:0:0:0:0:0:0::News', 'News'),
        dvb('2', 'B'),
        row('1:320:1:0:0:0:0:0:0:0:', '3'),
      ],
      Second: [dvb('3', 'C'), row('1:832:D:0:0:0:0:0:0:0:', ''), dvb('4', 'D')],
    },
  });
  const { channels } = await buildLineup(source, all);
  t.deepEqual(
    channels.map(({ number, name, group }) => [number, name, group]),
    [
      [1, 'A', 'First'],
      [2, 'B', 'First'],
      [4, 'C', 'Second'],
      [6, 'D', 'Second'],
    ],
  );
});

test('a service in two bouquets is one channel with its first number and both groups; the others keep theirs', async (t) => {
  const source = box({ tv: { Favourites: [dvb('2', 'B')], All: [dvb('1', 'A'), dvb('2', 'B', '1'), dvb('3', 'C')] } });
  const { channels } = await buildLineup(source, all);
  t.deepEqual(
    channels.map(({ number, name, groups }) => [number, name, groups]),
    [
      [1, 'B', ['Favourites', 'All']],
      [2, 'A', ['All']],
      [4, 'C', ['All']],
    ],
  );
});

test('a selection by name or reference keeps the numbers of the whole list and reads nothing behind it', async (t) => {
  const source = box({ tv: { First: [dvb('1', 'A')], 'Second One': [dvb('2', 'B')], Third: [dvb('3', 'C')] } });
  const byName = await buildLineup(source, { bouquets: ['second  one'] });
  t.deepEqual(
    byName.channels.map(({ number, name }) => [number, name]),
    [[2, 'B']],
  );
  t.false(source.asked.includes(bouquetRef('Third')));
  const byRef = await buildLineup(source, { bouquets: [bouquetRef('Third')] });
  t.deepEqual(
    byRef.channels.map(({ number, name }) => [number, name]),
    [[3, 'C']],
  );
});

test('a wanted bouquet that is missing is a warning that names what there is; all missing is an error', async (t) => {
  const source = box({ tv: { First: [dvb('1', 'A')] } });
  const some = await buildLineup(source, { bouquets: ['First', 'Frist'] });
  t.regex(some.warnings.join(), /no bouquet "Frist".*"First"/);
  const error = await t.throwsAsync(buildLineup(source, { bouquets: ['Frist'] }), { instanceOf: XgError });
  t.is(error.code, 'LINEUP_NO_BOUQUET');
  t.regex(error.message, /Frist.*"First"/);
});

test('one broken bouquet is a warning and not an empty lineup', async (t) => {
  const source = box({
    tv: { Broken: new XgError('RECEIVER_BAD_ANSWER', 'cut off'), Good: [dvb('1', 'A')] },
    radio: { Radio: new XgError('RECEIVER_TIMEOUT', 'slow') },
  });
  const lineup = await buildLineup(source, all);
  t.is(lineup.channels.length, 1);
  t.regex(lineup.warnings.join('\n'), /"Broken".*cut off/);
  t.regex(lineup.warnings.join('\n'), /"Radio".*slow/);
});

test('a receiver that goes away in the middle is an error and not half a lineup', async (t) => {
  const source = box({ tv: { Good: [dvb('1', 'A')], Gone: new XgError('RECEIVER_UNREACHABLE', 'off') } });
  const error = await t.throwsAsync(buildLineup(source, all), { instanceOf: XgError });
  t.is(error.code, 'RECEIVER_UNREACHABLE');
});

test('when every bouquet fails the error is theirs; when they are empty it says what to do', async (t) => {
  const broken = box({ tv: { A: new XgError('RECEIVER_BAD_ANSWER', 'cut off') } });
  t.is((await t.throwsAsync(buildLineup(broken, all), { instanceOf: XgError })).code, 'RECEIVER_BAD_ANSWER');
  const empty = await t.throwsAsync(buildLineup(box({ tv: { A: [] } }), all), { instanceOf: XgError });
  t.is(empty.code, 'LINEUP_EMPTY');
  t.regex(empty.message, /channel search/);
});

test('alternatives are one channel: the first member that plays, the others kept behind it', async (t) => {
  const group = '1:134:1:0:0:0:0:0:0:0:FROM BOUQUET "alternatives.das_erste.tv" ORDER BY bouquet';
  const source = box({
    tv: { First: [row(group, 'Das Erste'), dvb('9', 'Next')] },
    other: {
      [group]: [row('1:64:0:0:0:0:0:0:0:0::x', 'x'), dvb('283D', 'Das Erste HD'), dvb('6DCA', 'Das Erste', '1')],
    },
  });
  const [first, next] = (await buildLineup(source, all)).channels;
  t.like(first, {
    id: 'c00000-1-3fb-283d',
    name: 'Das Erste',
    number: 1,
    ref: '1:0:19:283D:3FB:1:C00000:0:0:0:',
    alternatives: ['1:0:1:6DCA:3FB:1:C00000:0:0:0:'],
  });
  t.is(next?.number, 2);
});

test('the heading above a channel is kept without the lines people draw around it', async (t) => {
  const heading = (name: string): ServiceEntry => row('1:64:0:0:0:0:0:0:0:0:', name);
  const source = box({
    tv: {
      First: [dvb('1', 'A'), heading('--- News & Talk ---'), dvb('2', 'B'), heading('══════'), dvb('3', 'C')],
      Second: [dvb('4', 'D')],
    },
  });
  const { channels } = await buildLineup(source, all);
  t.deepEqual(
    channels.map((channel) => channel.heading),
    [null, 'News & Talk', null, null],
  );
});

test('alternatives that cannot be read keep their number', async (t) => {
  const group = '1:134:1:0:0:0:0:0:0:0:FROM BOUQUET "alternatives.x.tv" ORDER BY bouquet';
  const source = box({
    tv: { First: [row(group, 'Gone'), dvb('9', 'Next')] },
    other: { [group]: new XgError('RECEIVER_BAD_ANSWER', 'cut off') },
  });
  const { channels, warnings } = await buildLineup(source, all);
  t.deepEqual(
    channels.map(({ number, name }) => [number, name]),
    [[2, 'Next']],
  );
  t.regex(warnings.join(), /"Gone".*cut off/);
});

test('sub-bouquets count where they stand, loops end, hidden bouquets and services only count', async (t) => {
  const sub = bouquetRef('sub');
  const source = box({
    tv: {
      First: [dvb('1', 'A'), row(sub, 'Sub'), row('1:512:19:7:3FB:1:C00000:0:0:0:', 'Hidden'), dvb('4', 'D')],
      Secret: [dvb('5', 'X')],
      Last: [dvb('2', 'B')],
    },
    other: { [sub]: [dvb('3', 'C'), row(bouquetRef('First'), 'back'), row(sub, 'self')] },
    hidden: ['Secret'],
  });
  const { channels, bouquets } = await buildLineup(source, all);
  t.deepEqual(
    channels.map(({ number, name, group }) => [number, name, group]),
    [
      [1, 'A', 'First'],
      [2, 'C', 'Sub'],
      [4, 'D', 'First'],
      [6, 'B', 'Last'],
    ],
  );
  t.deepEqual(
    bouquets.map(({ name }) => name),
    ['First', 'Sub', 'Last'],
  );
});

test('a sub-bouquet can be chosen without the bouquet around it', async (t) => {
  const sub = bouquetRef('sub');
  const source = box({
    tv: { First: [dvb('1', 'A'), row(sub, 'Sub')], Last: [dvb('2', 'B')] },
    other: { [sub]: [dvb('3', 'C')] },
  });
  const { channels } = await buildLineup(source, { bouquets: ['sub'] });
  t.deepEqual(
    channels.map(({ number, name }) => [number, name]),
    [[2, 'C']],
  );
});

test('radio, IPTV and UHD channels are marked, and share the number row', async (t) => {
  const source = box({
    tv: { TV: [dvb('1', 'UHD', '1F'), row('4097:0:1:0:0:0:0:0:0:0:http%3a//tv.example/a:Web TV', '')] },
    radio: { Radio: [dvb('7', 'Bayern 3', '2')] },
  });
  const { channels } = await buildLineup(source, all);
  t.like(channels[0], { number: 1, kind: 'dvb', definition: 'uhd', radio: false, transponder: 'c00000:3fb:1' });
  t.like(channels[1], { number: 2, kind: 'iptv', name: 'Web TV', transponder: null });
  t.like(channels[2], { number: 3, name: 'Bayern 3', radio: true, group: 'Radio' });
});

test('a reference that cannot be read is reported and left out', async (t) => {
  const lineup = await buildLineup(box({ tv: { TV: [row('rubbish', 'Odd'), dvb('1', 'A')] } }), all);
  t.is(lineup.channels.length, 1);
  t.regex(lineup.warnings.join(), /"rubbish".*"Odd"/);
});

test('an abort ends the reading with its own reason', async (t) => {
  const controller = new AbortController();
  const reason = new Error('stop');
  const source: BouquetSource = {
    bouquets: async () => [{ ref: bouquetRef('A'), name: 'A' }],
    services: async () => {
      controller.abort(reason);
      throw new Error('connection lost because of the abort');
    },
  };
  t.is(await t.throwsAsync(buildLineup(source, { bouquets: [], signal: controller.signal })), reason);
});
