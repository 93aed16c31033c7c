/** What Kodi's pvr.vuplus asks at its start, in its order, and the elements without which it gives up. */
import test from 'ava';
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { BOUQUETS } from './lineup/bouquets.ts';
import { serviceByName } from './lineup/services.ts';
import type { SimulatedReceiver } from './receiver.ts';
import { startBox } from './support/box.ts';
import { getJson, urlOf } from './support/web.ts';

const first = serviceByName('Das Erste Übung HD');
const LISTS = new Set(['e2service', 'e2bouquet', 'e2setting', 'e2timer', 'e2movie', 'e2event', 'e2frontend']);
const parser = new XMLParser({ parseTagValue: false, isArray: (name) => LISTS.has(name) });

/** A call's answer as a tree of texts. */
async function xmlOf(
  box: SimulatedReceiver,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const answer = await fetch(urlOf(box, path, query));
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
  const { '?xml': _, ...root } = z.record(z.string(), z.unknown()).parse(parser.parse(await answer.text()));
  return root;
}

test('the device has its obligatory versions and name, its tuners and its disk', async (t) => {
  const box = await startBox(t, { tuners: 2 });
  t.like(await xmlOf(box, '/web/deviceinfo'), {
    e2deviceinfo: {
      e2enigmaversion: '2026-10-01',
      e2imageversion: '7.5',
      e2webifversion: 'OWIF 2.2.2',
      e2devicename: 'vuduo2',
      e2frontends: { e2frontend: [{ e2name: 'Tuner A' }, { e2name: 'Tuner B' }] },
      e2hdds: { e2hdd: { e2mount: '/media/hdd', e2free: '412.0 GB' } },
    },
  });
});

test('the clock, the settings, those of AutoTimer and the place of recordings are there', async (t) => {
  const box = await startBox(t);
  t.regex(JSON.stringify(await xmlOf(box, '/web/currenttime')), /"e2currenttime":"\d?\d:\d\d:\d\d"/);
  const settings = z.object({
    e2settings: z.object({ e2setting: z.array(z.object({ e2settingname: z.string(), e2settingvalue: z.string() })) }),
  });
  const all = settings.parse(await xmlOf(box, '/web/settings')).e2settings.e2setting;
  const values = new Map(all.map((row) => [row.e2settingname, row.e2settingvalue]));
  t.is(values.get('config.recording.margin_before'), '5');
  t.is(values.get('config.misc.softcam_streamrelay_port'), String(box.relayPort));
  t.is(settings.parse(await xmlOf(box, '/autotimer/get')).e2settings.e2setting.length, 2);
  t.deepEqual(await xmlOf(box, '/web/getlocations'), { e2locations: { e2location: '/media/hdd/movie/' } });
});

test('bouquets, their services and all radio services are lists of references and names', async (t) => {
  const box = await startBox(t);
  const names = BOUQUETS.filter((bouquet) => bouquet.list === 'tv').map((bouquet) => ({
    e2servicereference: bouquet.ref,
    e2servicename: bouquet.name,
  }));
  t.deepEqual(await xmlOf(box, '/web/getservices'), { e2servicelist: { e2service: names } });
  const List = z.object({
    e2service: z.array(z.object({ e2servicereference: z.string(), e2servicename: z.string() })),
  });
  const inside = z
    .object({ e2servicelist: List })
    .parse(await xmlOf(box, '/web/getservices', { sRef: BOUQUETS[0]?.ref ?? '' }));
  t.deepEqual(inside.e2servicelist.e2service[1], { e2servicereference: first.ref, e2servicename: first.name });
  const Recursive = z.object({ e2bouquet: z.array(z.object({ e2servicename: z.string(), e2servicelist: List })) });
  const radio = z
    .object({ e2servicelistrecursive: Recursive })
    .parse(await xmlOf(box, '/web/getallservices', { type: 'radio', renameserviceforxbmc: 'yes' }));
  t.deepEqual(
    radio.e2servicelistrecursive.e2bouquet.map((one) => [one.e2servicename, one.e2servicelist.e2service.length]),
    [['Favoriten (Radio)', 2]] as [string, number][],
  );
});

test('timers, recordings, guide and signal, as they are shown while a channel plays', async (t) => {
  const box = await startBox(t);
  t.deepEqual(await xmlOf(box, '/web/timerlist'), { e2timerlist: '' });
  const at = Math.floor(Date.now() / 1000) + 7_200;
  const times = { sRef: first.ref, begin: String(at), end: String(at + 3_600) };
  t.deepEqual(await xmlOf(box, '/web/timeradd', { ...times, name: 'A & B', description: '<x>' }), {
    e2simplexmlresult: { e2state: 'True', e2statetext: "Timer 'A & B' added" },
  });
  t.like(await xmlOf(box, '/web/timerlist'), {
    e2timerlist: {
      e2timer: [
        {
          e2servicereference: first.ref,
          e2name: 'A & B',
          e2description: '<x>',
          e2timebegin: String(at),
          e2timeend: String(at + 3_600),
          e2state: '0',
          e2disabled: '0',
          e2repeated: '0',
        },
      ],
    },
  });
  t.like(await xmlOf(box, '/web/timerdelete', times), { e2simplexmlresult: { e2state: 'True' } });
  t.like(await xmlOf(box, '/web/timerdelete', times), { e2simplexmlresult: { e2state: 'False' } });
  t.like(await xmlOf(box, '/web/movielist'), {
    e2movielist: { e2movie: [{ e2title: 'Tagesschau', e2servicename: first.name, e2length: '1:00' }] },
  });
  const Events = z.object({ e2eventlist: z.object({ e2event: z.array(z.looseObject({ e2eventtitle: z.string() })) }) });
  const guide = Events.parse(await xmlOf(box, '/web/epgservice', { sRef: first.ref })).e2eventlist.e2event;
  t.true(guide.length > 100);
  t.like(guide[0], { e2eventservicereference: first.ref, e2eventservicename: first.name });
  const nowNext = Events.parse(await xmlOf(box, '/web/epgnownext', { bRef: BOUQUETS[2]?.ref ?? '' }));
  t.true(nowNext.e2eventlist.e2event.length >= 2);
  t.deepEqual(await xmlOf(box, '/web/signal'), {
    e2frontendstatus: { e2snrdb: '14.20 dB', e2snr: '92 %', e2ber: '0', e2acg: '71 %' },
  });
});

test('zap, the current service and its subservices, in XML and in JSON', async (t) => {
  const box = await startBox(t);
  const other = serviceByName('Klassik SD');
  t.like(await xmlOf(box, '/web/zap', { sRef: other.ref }), { e2simplexmlresult: { e2state: 'True' } });
  t.like(await xmlOf(box, '/web/getcurrent'), {
    e2currentserviceinformation: { e2service: [{ e2servicereference: other.ref, e2servicename: other.name }] },
  });
  t.like(await xmlOf(box, '/web/subservices'), { e2servicelist: { e2service: [{ e2servicereference: other.ref }] } });
  t.like(await getJson(box, '/api/subservices'), { services: [{ servicereference: other.ref }] });
  t.like(await xmlOf(box, '/web/zap', { sRef: 'x' }), { e2simplexmlresult: { e2state: 'False' } });
  t.like(await xmlOf(box, '/web/powerstate', { newstate: '5' }), { e2powerstate: { e2instandby: 'true' } });
  t.true(box.box.standby);
});

test('the cheap call for the guide of a bouquet gives what runs in its window, and no more', async (t) => {
  const box = await startBox(t);
  const Events = z.object({ events: z.array(z.object({ begin_timestamp: z.number(), duration_sec: z.number() })) });
  const ask = async (query: Record<string, string>) =>
    Events.parse(await getJson(box, '/api/epgmulti', { bRef: BOUQUETS[0]?.ref ?? '', ...query })).events;
  const time = Math.floor(Date.now() / 1000) + 86_400;
  const found = await ask({ time: String(time), endTime: '120' });
  t.true(found.length > 5);
  t.true(found.every((one) => one.begin_timestamp < time + 7_200 && one.begin_timestamp + one.duration_sec > time));
  t.true((await ask({})).length > 5 * found.length);
});

test('the guide of a service may be asked for a moment, as pvr.vuplus does before it adds a timer', async (t) => {
  const box = await startBox(t);
  const Events = z.object({
    events: z.array(z.looseObject({ id: z.number(), begin_timestamp: z.number(), begin: z.string() })),
  });
  const ask = async (query: Record<string, string>) =>
    Events.parse(await getJson(box, '/api/epgservice', { sRef: first.ref, ...query })).events;
  const all = await ask({ time: '-1', endTime: '-1' });
  const wanted = all.at(40);
  const [found, ...more] = await ask({ time: String(wanted?.begin_timestamp), endTime: '1' });
  t.like(found, { id: wanted?.id, begin_timestamp: wanted?.begin_timestamp });
  t.deepEqual(more, []);
  t.regex(found?.begin ?? '', /^\d\d:\d\d$/);
});
