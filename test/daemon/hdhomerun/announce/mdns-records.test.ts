import test from 'ava';
import { additionalsFor, allRecords, answersTo, type MdnsService } from '#daemon/hdhomerun/announce/mdns-records.ts';

const HOST = {
  name: '1050a5c0',
  addresses: [
    { family: 4 as const, address: '192.168.1.5' },
    { family: 6 as const, address: 'fd00::5' },
  ],
};
const SERVICES: MdnsService[] = [
  { instance: 'xg2g 1050A5C0', type: '_http._tcp', port: 8080, txt: { path: '/' } },
  { instance: 'xg2g 1050A5C0', type: '_htsp._tcp', port: 9982, txt: {} },
];

test('a browser asks for a service and gets instance, port, host and addresses at once', (t) => {
  const answers = answersTo([{ type: 'PTR', name: '_HTTP._tcp.local' }], SERVICES, HOST);
  t.deepEqual(
    answers.map(({ type }) => type),
    ['PTR'],
  );
  t.like(answers[0], { data: 'xg2g 1050A5C0._http._tcp.local' });
  const more = additionalsFor(answers, SERVICES, HOST);
  t.true(
    more.some(
      (record) => record.type === 'SRV' && record.data.port === 8080 && record.data.target === '1050a5c0.local',
    ),
  );
  t.true(more.some((record) => record.type === 'A' && record.data === '192.168.1.5'));
  t.true(more.some((record) => record.type === 'AAAA' && record.data === 'fd00::5'));
});

test('the kinds of services can be listed, and the host be found by its name', (t) => {
  const kinds = answersTo([{ type: 'PTR', name: '_services._dns-sd._udp.local' }], SERVICES, HOST);
  t.deepEqual(
    kinds.flatMap((record) => (record.type === 'PTR' ? [record.data] : [])),
    ['_http._tcp.local', '_htsp._tcp.local'],
  );
  t.deepEqual(
    answersTo([{ type: 'A', name: '1050A5C0.local' }], SERVICES, HOST).map(({ type }) => type),
    ['A'],
  );
});

test('what is somebody else’s is not answered', (t) => {
  t.deepEqual(answersTo([{ type: 'PTR', name: '_ipp._tcp.local' }], SERVICES, HOST), []);
  t.deepEqual(answersTo([{ type: 'A', name: 'printer.local' }], SERVICES, HOST), []);
});

test('the same question many times over has the same answer', (t) => {
  const questions = Array.from({ length: 32 }, () => ({ type: 'PTR' as const, name: '_http._tcp.local' }));
  t.is(answersTo(questions, SERVICES, HOST).length, 1);
});

test('goodbye is everything with no time to live', (t) => {
  const goodbye = allRecords(SERVICES, HOST, true);
  t.is(goodbye.length, allRecords(SERVICES, HOST).length);
  t.true(goodbye.every((record) => 'ttl' in record && record.ttl === 0));
});

test('a name with dots stays one label of 63 bytes at most', (t) => {
  const odd = [{ instance: `a.b ${'ü'.repeat(100)}`, type: '_http._tcp', port: 1, txt: {} }];
  const [record] = answersTo([{ type: 'PTR', name: '_http._tcp.local' }], odd, HOST);
  const label = record?.type === 'PTR' ? (record.data.split('.')[0] ?? '') : '';
  t.true(label.startsWith('a b ü'));
  t.is(Buffer.byteLength(label), 62);
});
