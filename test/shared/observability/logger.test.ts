import test from 'ava';
import { createLogger, setLogLevel } from '#shared/observability/logger.ts';

function capture() {
  const lines: string[] = [];
  const logger = createLogger({ name: 'xg2g', level: 'info', destination: { write: (line) => lines.push(line) } });
  return { lines, logger, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

test('one event is one line of JSON with its level as a word and its time in ISO 8601', (t) => {
  const { lines, logger, last } = capture();
  logger.info({ channel: 'a' }, 'two\nlines');
  t.is(lines.length, 1);
  t.is(lines[0]?.trimEnd().includes('\n'), false);
  t.like(last(), { level: 'info', name: 'xg2g', channel: 'a', msg: 'two\nlines' });
  t.regex(String(last()['time']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('passwords, tokens and logins never reach the output', (t) => {
  const { lines, logger } = capture();
  logger.info({ password: 'geheim', config: { pass: 'geheim', apiToken: 'geheim' } }, 'settings');
  logger.info(
    { authorization: 'geheim', request: { headers: { authorization: 'geheim', cookie: 'geheim' } } },
    'asked',
  );
  logger.child({ token: 'geheim' }).info('child');
  t.is(lines.length, 3);
  t.false(lines.join('').includes('geheim'));
});

test('a child adds its fields, the level holds', (t) => {
  const { lines, logger, last } = capture();
  logger.child({ part: 'receiver' }).warn('slow');
  t.like(last(), { part: 'receiver', level: 'warn' });
  logger.debug('not shown');
  t.is(lines.length, 1);
});

test('an error keeps its code, message and cause', (t) => {
  const { logger, last } = capture();
  logger.error({ err: Object.assign(new Error('broken'), { code: 'X_BROKEN' }) }, 'failed');
  t.like(last()['err'], { message: 'broken', code: 'X_BROKEN' });
});

test('a new level reaches the children that there are, and those to come', (t) => {
  const lines: string[] = [];
  const logger = createLogger({ name: 'test', level: 'info', destination: { write: (line) => lines.push(line) } });
  const child = logger.child({ channel: 'a' });
  const grandchild = child.child({ viewer: 'b' });
  child.debug('before');
  setLogLevel(logger, 'debug');
  child.debug('child');
  grandchild.debug('grandchild');
  logger.child({ channel: 'c' }).debug('later child');
  setLogLevel(logger, 'warn');
  for (const one of [logger, child, grandchild]) one.info('after');
  t.deepEqual(
    lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
    ['child', 'grandchild', 'later child'],
  );
});
