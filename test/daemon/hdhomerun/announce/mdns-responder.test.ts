import test from 'ava';
import { encode } from 'dns-packet';
import { parseQuery } from '#daemon/hdhomerun/announce/mdns-responder.ts';

const QUERY = encode({ type: 'query', id: 7, questions: [{ type: 'PTR', name: '_http._tcp.local' }] });

test('a question is read', (t) => {
  t.like(parseQuery(QUERY), { id: 7, questions: [{ type: 'PTR', name: '_http._tcp.local' }] });
});

test('a response, noise and what is cut off are none', (t) => {
  t.is(parseQuery(encode({ type: 'response', questions: [{ type: 'PTR', name: 'a.local' }] })), null);
  for (let length = 0; length < QUERY.length - 4; length++) t.is(parseQuery(QUERY.subarray(0, length)), null);
  t.is(parseQuery(Buffer.alloc(20_000)), null);
});

for (const [name, offset] of [
  ['questions', 4],
  ['answers', 6],
  ['authorities', 8],
  ['additionals', 10],
] as const) {
  test(`65535 ${name} that are promised cost nothing`, (t) => {
    const packet = Buffer.from(QUERY);
    packet.writeUInt16BE(0xffff, offset);
    const startedAt = performance.now();
    for (let count = 0; count < 1_000; count++) t.is(parseQuery(packet), null);
    t.true(performance.now() - startedAt < 1_000, 'a thousand of them take less than a second');
  });
}
