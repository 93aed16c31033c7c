import test from 'ava';
import type { About, BoxTimer, StatusInfo } from '#daemon/receiver/model.ts';
import { boxPicture } from '#daemon/tuners/box-picture.ts';
import { NOW } from './support/boxes.ts';

const ERSTE = { ref: '1:0:19:283D:3FB:1:C00000:0:0:0:', name: 'Das Erste' };
const about: About = {
  brand: null,
  model: null,
  boxType: null,
  imageDistro: null,
  imageVersion: null,
  enigmaVersion: null,
  webifVersion: null,
  tuners: [
    { name: 'A', type: 'DVB-S2', live: '19.2° E / Das Erste', recording: '', stream: '' },
    { name: 'B', type: 'DVB-C', live: '', recording: '', stream: '' },
  ],
  streams: [{ ...ERSTE, ip: '192.168.1.9' }],
  macs: [],
};
const status: StatusInfo = { standby: false, recording: false, streaming: true, currentService: ERSTE };
const timer = (fields: Partial<BoxTimer>): BoxTimer => ({
  ref: ERSTE.ref,
  serviceName: ERSTE.name,
  name: 'Tatort',
  beginSeconds: NOW / 1000 + 60,
  endSeconds: NOW / 1000 + 3_600,
  prepareSeconds: NOW / 1000 + 40,
  disabled: false,
  zapOnly: false,
  state: 'waiting',
  description: '',
  eventId: null,
  repeatedDays: 0,
  afterEvent: 3,
  folder: '',
  tags: '',
  alwaysZap: false,
  fileName: '',
  ...fields,
});
const picture = (timers: BoxTimer[], changes: Partial<StatusInfo> = {}) =>
  boxPicture({ about, status: { ...status, ...changes }, timers }, NOW);

test('tuners, their kinds and how many are busy; the television with its transponder; readers of the stream server', (t) => {
  t.like(picture([]), {
    tuners: [['s'], ['c']],
    busyTuners: 1,
    television: { id: 'c00000-1-3fb-283d', transponder: 'c00000:3fb:1', hasTuner: true },
    streams: [{ id: 'c00000-1-3fb-283d', name: 'Das Erste', transponder: 'c00000:3fb:1' }],
  });
});

test('in standby, or with an internet stream on, the television wants no tuner', (t) => {
  t.is(picture([], { standby: true, currentService: null }).television, null);
  const web = { ref: '4097:0:1:0:0:0:0:0:0:0:http%3a//example.org/x:Web', name: 'Web' };
  t.is(picture([], { currentService: web }).television, null);
});

const CASES: readonly (readonly [string, Partial<BoxTimer>, 'recordings' | 'upcoming' | null])[] = [
  ['one that waits', {}, 'upcoming'],
  ['one that is prepared', { state: 'prepared' }, 'recordings'],
  ['one that runs', { state: 'running' }, 'recordings'],
  ['one that has ended', { state: 'ended' }, null],
  ['one that is switched off', { disabled: true }, null],
  ['one of the week after next', { prepareSeconds: NOW / 1000 + 14 * 86_400 }, null],
  ['one without a state that is to come', { state: null }, 'upcoming'],
  ['one without a state whose time it is', { state: null, prepareSeconds: NOW / 1000 - 5 }, 'recordings'],
  ['a zap to come', { zapOnly: true }, 'upcoming'],
  ['a zap that is done', { zapOnly: true, state: 'running', beginSeconds: NOW / 1000 - 5 }, null],
  [
    'one that failed to get its tuner and tries again',
    { prepareSeconds: NOW / 1000 - 30, beginSeconds: NOW / 1000 - 10 },
    'upcoming',
  ],
];
for (const [title, fields, expected] of CASES) {
  test(`of the timers, ${title} is ${expected ?? 'of no interest'}`, (t) => {
    const { recordings, upcoming } = picture([timer(fields)]);
    t.deepEqual(
      [recordings.length, upcoming.length],
      [Number(expected === 'recordings'), Number(expected === 'upcoming')],
    );
  });
}
