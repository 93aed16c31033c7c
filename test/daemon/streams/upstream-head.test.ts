import test from 'ava';
import { judgeBody, judgeHead, MAX_HEAD, tuneFailed } from '#daemon/streams/upstream-head.ts';
import { XgError } from '#shared/errors.ts';
import { nullPacket } from '#test/helpers/ts-builder.ts';

const ADDRESS = 'box:8001';

const HEADS: readonly (readonly [string, string, string])[] = [
  ['nothing yet', '', 'more'],
  ['the beginning of a header', 'HTT', 'more'],
  ['a header without its end', 'HTTP/1.0 200 OK\r\nConnection: Close\r\n', 'more'],
  ['a header cut inside its end', 'HTTP/1.0 200 OK\r\n\r', 'more'],
  ['a whole header', 'HTTP/1.0 200 OK\r\n\r\n', 'body at 19'],
  ['a header of HTTP/1.1 with body', 'HTTP/1.1 200 OK\r\n\r\nG', 'body at 19'],
  ['a packet without a header', 'G\x1f\xff\x10', 'body at 0'],
  ['bytes that are neither', '\x00\x01\x02', 'body at 0'],
  ['no rights', 'HTTP/1.0 401 Unauthorized\r\n\r\n', 'UPSTREAM_AUTH'],
  ['forbidden', 'HTTP/1.0 403 Forbidden\r\n\r\n', 'UPSTREAM_AUTH'],
  ['no tuner', 'HTTP/1.0 503 Service Unavailable\r\n\r\n', 'NO_TUNER'],
  ['a busy encoder', 'HTTP/1.0 409 Conflict\r\n\r\n', 'ENCODER_BUSY'],
  ['another status', 'HTTP/1.0 500 Oops\r\n\r\n', 'UPSTREAM_BAD_ANSWER'],
  ['a status line without a status', 'HTTP/1.0 hello\r\n\r\n', 'UPSTREAM_BAD_ANSWER'],
  ['a header that never ends', `HTTP/1.0 200 OK\r\n${'X: y\r\n'.repeat(MAX_HEAD / 6)}`, 'UPSTREAM_BAD_ANSWER'],
];

for (const [what, text, expected] of HEADS) {
  test(`the head of a stream: ${what} → ${expected}`, (t) => {
    const verdict = judgeHead(Buffer.from(text, 'latin1'), ADDRESS);
    const actual =
      verdict.kind === 'body'
        ? `body at ${verdict.bodyOffset}`
        : verdict.kind === 'refused'
          ? verdict.error.code
          : verdict.kind;
    t.is(actual, expected);
  });
}

const BODIES: readonly (readonly [string, Buffer, boolean, string])[] = [
  ['nothing yet', Buffer.alloc(0), false, 'more'],
  ['nothing at all', Buffer.alloc(0), true, 'TUNE_FAILED'],
  ['a packet', nullPacket(), false, 'stream'],
  ['bytes in the middle of a packet', Buffer.from([0x00, 0xff, 0x12]), false, 'stream'],
  ['the beginning of a text', Buffer.from('HTTP/1.0 400 Bad'), false, 'more'],
  ['a whole text', Buffer.from('HTTP/1.0 400 Bad Request\r\n\r\n'), false, 'NO_TUNER'],
  ['a text that ends with the connection', Buffer.from('HTTP/1.0 503 Busy'), true, 'NO_TUNER'],
  ['words', Buffer.from('no free tuner'), true, 'UPSTREAM_BAD_ANSWER'],
  ['more words than any box has', Buffer.alloc(512, 'a'), false, 'UPSTREAM_BAD_ANSWER'],
];

for (const [what, bytes, ended, expected] of BODIES) {
  test(`the body of a stream: ${what}${ended ? ', then the end' : ''} → ${expected}`, (t) => {
    const verdict = judgeBody(bytes, ended, ADDRESS);
    t.is(verdict instanceof XgError ? verdict.code : verdict, expected);
  });
}

test('errors name the receiver and what to do', (t) => {
  t.regex(tuneFailed(ADDRESS).message, /box:8001 .*no free tuner/);
  const words = judgeBody(Buffer.from('kaputt'), true, ADDRESS);
  t.regex(words instanceof XgError ? words.message : '', /box:8001 .*kaputt/);
});
