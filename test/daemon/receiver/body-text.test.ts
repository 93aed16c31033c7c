import test from 'ava';
import { decodeBody } from '#daemon/receiver/body-text.ts';

test('UTF-8 is UTF-8, with and without a charset', (t) => {
  t.is(decodeBody(Buffer.from('Sündenbock'), null), 'Sündenbock');
  t.is(decodeBody(Buffer.from('Sündenbock'), 'application/json; charset=utf-8'), 'Sündenbock');
});

test('ISO-8859-1 is read when the header says so', (t) => {
  t.is(decodeBody(Buffer.from('S\u00fcd\u008a', 'latin1'), 'text/xml; charset="ISO-8859-1"'), 'Süd\u008a');
});

test('ISO-8859-1 is read when the header says nothing', (t) => {
  t.is(decodeBody(Buffer.from('München Köln', 'latin1'), 'application/json'), 'München Köln');
});

test('one event cut inside a character does not turn the whole UTF-8 answer into gibberish', (t) => {
  const cut = Buffer.from('äöü ß €').subarray(0, -1);
  t.is(decodeBody(Buffer.concat([cut, Buffer.from(' größer')]), null), 'äöü ß  größer');
});

test('an answer in a pooled buffer is read from its own offset', (t) => {
  const pooled = Buffer.from('xxxxKöln').subarray(4);
  t.true(pooled.byteOffset > 0);
  t.is(decodeBody(pooled, null), 'Köln');
});
