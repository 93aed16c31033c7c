import test from 'ava';
import {
  channelId,
  isRadioReference,
  parseServiceReference,
  requestReference,
  type ServiceReference,
  transponderKey,
} from '#daemon/receiver/service-reference.ts';

function parse(text: string): ServiceReference {
  const ref = parseServiceReference(text);
  if (ref === null) throw new Error(`not parsed: ${text}`);
  return ref;
}

test('a DVB service gives its numbers, its transponder and its stable id', (t) => {
  const ref = parse('1:0:19:283D:3FB:1:C00000:0:0:0:');
  t.like(ref, { kind: 'dvb', type: 1, flags: 0, stype: 0x19, sid: 0x283d, tsid: 0x3fb, onid: 1, namespace: 0xc00000 });
  t.is(channelId(ref), 'c00000-1-3fb-283d');
  t.is(transponderKey(ref), 'c00000:3fb:1');
  t.is(requestReference(ref), '1:0:19:283D:3FB:1:C00000:0:0:0:');
});

test('a name after the empty path is not part of the reference', (t) => {
  const ref = parse('1:0:19:515E:842:2:11A0000:0:0:0::ITV1 London HD');
  t.is(ref.name, 'ITV1 London HD');
  t.is(ref.path, '');
  t.is(requestReference(ref), '1:0:19:515E:842:2:11A0000:0:0:0:');
});

test('the id depends neither on the service type nor on letter case nor on the trailing colon', (t) => {
  t.is(channelId(parse('1:0:1:283d:3fb:1:c00000:0:0:0')), channelId(parse('1:0:19:283D:3FB:1:C00000:0:0:0:')));
});

test('a namespace with its highest bit set stays positive (cable, terrestrial)', (t) => {
  t.is(channelId(parse('1:0:19:EDE:E:46:FFFF019A:0:0:0:')), 'ffff019a-46-e-ede');
});

const kinds: ReadonlyArray<[string, ServiceReference['kind']]> = [
  ['1:64:0:0:0:0:0:0:0:0::-- News --', 'marker'],
  ['1:320:0:0:0:0:0:0:0:0::numbered', 'marker'],
  ['1:832:D:0:0:0:0:0:0:0:', 'marker'],
  ['1:7:1:0:0:0:0:0:0:0:FROM BOUQUET "userbouquet.x.tv" ORDER BY bouquet', 'bouquet'],
  ['1:519:1:0:0:0:0:0:0:0:FROM BOUQUET "hidden.tv" ORDER BY bouquet', 'bouquet'],
  ['1:134:1:0:0:0:0:0:0:0:FROM BOUQUET "alternatives.a.tv" ORDER BY bouquet', 'alternatives'],
  ['4097:0:1:0:0:0:0:0:0:0:http%3a//tv.example/live:Example', 'iptv'],
  ['5002:0:1:0:0:0:0:0:0:0:https%3a//tv.example/live.m3u8:Example', 'iptv'],
  ['1:0:0:0:0:0:0:0:0:0:/media/hdd/movie/a.ts', 'file'],
  ['1:7:1:0:0:0:0:0:0:0:(type == 1) ORDER BY name', 'directory'],
  ['1:0:0:0:0:0:0:0:0:0:', 'other'],
];
for (const [text, kind] of kinds) {
  test(`${text.slice(0, 60)} is a ${kind}`, (t) => {
    t.is(parse(text).kind, kind);
  });
}

test('an IPTV address loses its escapes and its name, and keeps its id when it is renamed', (t) => {
  const ref = parse('4097:0:1:0:0:0:0:0:0:0:http%3a//tv.example%3a8080/a/b?c=1:Old name');
  t.is(ref.path, 'http://tv.example:8080/a/b?c=1');
  t.is(ref.name, 'Old name');
  t.is(transponderKey(ref), null);
  t.regex(channelId(ref), /^iptv-[0-9a-f]{12}$/);
  t.is(channelId(ref), channelId(parse('4097:0:1:0:0:0:0:0:0:0:http%3a//tv.example%3a8080/a/b?c=1:New name')));
  t.is(requestReference(ref), '4097:0:1:0:0:0:0:0:0:0:http%3a//tv.example%3a8080/a/b?c=1:');
});

test('an IPTV address in a hand-made bouquet with bare colons is read all the same', (t) => {
  const ref = parse('4097:0:1:0:0:0:0:0:0:0:http://tv.example:8080/live:Example');
  t.is(ref.path, 'http://tv.example:8080/live');
  t.is(ref.name, 'Example');
  t.is(parse('4097:0:1:0:0:0:0:0:0:0:http://tv.example:8080/live').path, 'http://tv.example:8080/live');
});

test('a service behind the stream relay is the broadcast service itself', (t) => {
  const ref = parse(
    '1:0:19:EF:1A:85:C00000:0:0:0:http%3a//127.0.0.1%3a17999/1%3a0%3a19%3aEF%3a1A%3a85%3aC00000%3a0%3a0%3a0%3a:Pay TV',
  );
  t.is(ref.kind, 'dvb');
  t.is(channelId(ref), 'c00000-85-1a-ef');
  t.is(ref.name, 'Pay TV');
});

test('radio services are known by their type', (t) => {
  t.true(isRadioReference(parse('1:0:2:6DCA:44D:1:C00000:0:0:0:')));
  t.true(isRadioReference(parse('1:0:A:6DCA:44D:1:C00000:0:0:0:')));
  t.false(isRadioReference(parse('1:0:19:6DCA:44D:1:C00000:0:0:0:')));
});

for (const text of [
  '',
  'hello',
  '1:0:19',
  '1:0:19:XYZ:3FB:1:C00000:0:0:0:',
  'a:0:1:1:1:1:1:0:0:0:',
  '1:0:19:123456789:1:1:1:0:0:0:',
]) {
  test(`"${text}" is no service reference`, (t) => {
    t.is(parseServiceReference(text), null);
  });
}
