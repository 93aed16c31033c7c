import test from 'ava';
import { type ConfigEnvironment, DEFAULT_CONFIG_PATH, loadConfig, redactConfig } from '#daemon/config/load.ts';
import { CONFIG_KEYS } from '#daemon/config/schema.ts';
import { XgError } from '#shared/errors.ts';

function missing(): string {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
}
const fromFile = (text: string, env: ConfigEnvironment = {}) => loadConfig({ env, readFile: () => text });
const fromEnv = (env: ConfigEnvironment) => loadConfig({ env, readFile: missing });

function problems(load: () => unknown): string {
  try {
    load();
  } catch (error) {
    if (error instanceof XgError && error.code === 'CONFIG_INVALID') return error.message;
    throw error;
  }
  return '';
}

test('nothing at all gives the defaults; a missing default file is fine', (t) => {
  const config = fromEnv({});
  t.like(config, { data: '/var/lib/xg2g', logLevel: 'info' });
  t.deepEqual(config.http.listen, { host: null, port: 8080 });
  t.like(config.receiver, { host: null, streamPort: 8001, relayPort: 17_999, tlsVerify: true });
  t.like(config.transcoder, { url: 'unix:/run/xg2g', backend: 'auto', audioBitrate: 192_000 });
  t.is(config.guide.days, 7);
});

test('a file that was named but cannot be read is an error', (t) => {
  const error = t.throws(() => fromEnv({ XG2G_CONFIG: '/etc/other.yaml' }), { instanceOf: XgError });
  t.is(error.code, 'CONFIG_MISSING');
  t.regex(error.message, /\/etc\/other\.yaml/);
});

test('the file counts, the environment wins, an empty variable does not', (t) => {
  const text = 'receiver:\n  host: 192.168.1.20\n  user: root\nguide: {days: 3}\n';
  const config = fromFile(text, { XG2G_E2_USER: 'other', XG2G_E2_HOST: '', XG2G_EPG_DAYS: '14' });
  t.is(config.receiver.host, 'http://192.168.1.20');
  t.is(config.receiver.user, 'other');
  t.is(config.guide.days, 14);
});

const hosts: ReadonlyArray<[string, string]> = [
  ['192.168.1.20', 'http://192.168.1.20'],
  ['box.local:81', 'http://box.local:81'],
  ['https://box.local/', 'https://box.local'],
  ['http://[fe80::1]:80', 'http://[fe80::1]'],
];
for (const [given, expected] of hosts) {
  test(`the receiver ${given} is ${expected}`, (t) => {
    t.is(fromEnv({ XG2G_E2_HOST: given }).receiver.host, expected);
  });
}

const listens: ReadonlyArray<[string, { host: string | null; port: number }]> = [
  [':8080', { host: null, port: 8080 }],
  ['9000', { host: null, port: 9000 }],
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['[::1]:80', { host: '::1', port: 80 }],
  ['localhost:81', { host: 'localhost', port: 81 }],
];
for (const [given, expected] of listens) {
  test(`listening on ${given}`, (t) => {
    t.deepEqual(fromEnv({ XG2G_LISTEN: given }).http.listen, expected);
  });
}

test('lists, times, bit rates, switches and words are read in the forms people write', (t) => {
  const config = fromEnv({
    XG2G_BOUQUET: 'Favourites, Sport ,',
    XG2G_REFRESH_INTERVAL: '30m',
    XG2G_AUDIO_BITRATE: '256k',
    XG2G_HDHR_ENABLED: 'no',
    XG2G_LOG_LEVEL: 'DEBUG',
    XG2G_PUBLIC_URL: 'https://tv.example/x/',
  });
  t.like(config.lineup, { bouquets: ['Favourites', 'Sport'], refreshInterval: 1800 });
  t.is(config.transcoder.audioBitrate, 256_000);
  t.false(config.hdhomerun.enabled);
  t.is(config.logLevel, 'debug');
  t.is(config.http.publicUrl, 'https://tv.example/x');
  t.deepEqual(fromFile('lineup:\n  bouquets: [A, "B, C"]\n').lineup.bouquets, ['A', 'B, C']);
});

const wrong: ReadonlyArray<[string, ConfigEnvironment]> = [
  ['receiver.host', { XG2G_E2_HOST: 'http://a b' }],
  ['receiver.host', { XG2G_E2_HOST: 'ftp://box' }],
  ['receiver.host', { XG2G_E2_HOST: 'http://root:pw@box' }],
  ['receiver.host', { XG2G_E2_HOST: 'http://box/web' }],
  ['receiver.streamPort', { XG2G_E2_STREAM_PORT: '0' }],
  ['receiver.streamPort', { XG2G_E2_STREAM_PORT: '8001x' }],
  ['http.listen', { XG2G_LISTEN: ':99999' }],
  ['http.listen', { XG2G_LISTEN: 'host' }],
  ['http.publicUrl', { XG2G_PUBLIC_URL: 'tv.example' }],
  ['http.apiToken', { XG2G_API_TOKEN: 'short' }],
  ['guide.days', { XG2G_EPG_DAYS: '1.5' }],
  ['lineup.refreshInterval', { XG2G_REFRESH_INTERVAL: '1s' }],
  ['transcoder.backend', { XG2G_TRANSCODER_BACKEND: 'gpu' }],
  ['transcoder.url', { XG2G_TRANSCODER_URL: 'unix:relative' }],
  ['transcoder.audioBitrate', { XG2G_AUDIO_BITRATE: '5M' }],
  ['hdhomerun.enabled', { XG2G_HDHR_ENABLED: 'perhaps' }],
  ['hdhomerun.deviceId', { XG2G_HDHR_DEVICE_ID: 'XYZ' }],
  ['logLevel', { XG2G_LOG_LEVEL: 'loud' }],
];
for (const [key, env] of wrong) {
  const [variable = '', value = ''] = Object.entries(env)[0] ?? [];
  test(`${variable}=${value} is refused, with what is allowed`, (t) => {
    const message = problems(() => fromEnv(env));
    t.regex(message, new RegExp(`environment: ${variable} is .*, expected .+`));
    // The same value in the file is refused at its line.
    const [group = '', name] = key.split('.');
    const text = name === undefined ? `# a\n${group}: "${value}"\n` : `# a\n${group}:\n  ${name}: "${value}"\n`;
    const line = name === undefined ? 2 : 3;
    t.regex(
      problems(() => fromFile(text)),
      new RegExp(`${DEFAULT_CONFIG_PATH}:${line}: ${key} is .*, expected .+`),
    );
  });
}

test('every problem is told at once, each with its line, and near misses are named', (t) => {
  const message = problems(() =>
    fromFile('receiver:\n  hots: box\n  streamPort: many\n\nhttpd: {}\nguide: 7\n', { XG2G_BOUQUETS: 'x' }),
  );
  t.regex(message, /xg2g\.yaml:2: receiver\.hots is no setting; did you mean host\?/);
  t.regex(message, /xg2g\.yaml:3: receiver\.streamPort is "many", expected a port from 1 to 65535/);
  t.regex(message, /xg2g\.yaml:5: httpd is no setting; did you mean http\?/);
  t.regex(message, /xg2g\.yaml:6: guide is 7, expected a group of keys/);
  t.regex(message, /XG2G_BOUQUETS is no setting; did you mean XG2G_BOUQUET\?/);
});

test('a file that is no YAML, or no group of keys, says where', (t) => {
  t.regex(
    problems(() => fromFile('receiver:\n  host: "open\n')),
    /xg2g\.yaml:\d+: /,
  );
  t.regex(
    problems(() => fromFile('receiver: {}\nreceiver: {}\n')),
    /xg2g\.yaml:2: .*unique/i,
  );
  t.regex(
    problems(() => fromFile('- a\n- b\n')),
    /xg2g\.yaml:1: the file is \["a","b"\], expected a group of keys/,
  );
});

test('an empty file and empty groups are fine', (t) => {
  t.is(fromFile('').logLevel, 'info');
  t.is(fromFile('receiver:\nhttp:\n').receiver.streamPort, 8001);
});

test('secrets are shown neither in errors nor in the redacted copy', (t) => {
  const message = problems(() => fromFile('http:\n  apiToken: geheim\nreceiver:\n  password: [geheim]\n'));
  t.regex(message, /apiToken is \(hidden\)/);
  t.false(message.includes('geheim'));
  const config = fromEnv({ XG2G_E2_PASS: 'geheim', XG2G_API_TOKEN: 'geheim-geheim-geheim' });
  t.is(config.receiver.password, 'geheim');
  t.false(JSON.stringify(redactConfig(config)).includes('geheim'));
  t.is(redactConfig(fromEnv({})).receiver.password, null);
});

test('a password that YAML reads as a number is text all the same', (t) => {
  t.is(fromFile('receiver:\n  password: 1234\n').receiver.password, '1234');
});

/** What is a list of groups has no variable: there is no good way to write it in one. */
const WITHOUT_VARIABLE = new Set(['guide.external', 'hdhomerun.devices', 'lineup.rules']);

test('every key of the file has its variable, and every variable its key', (t) => {
  const flat = Object.entries(fromEnv({})).flatMap(([group, value]) =>
    typeof value === 'object' && value !== null ? Object.keys(value).map((key) => `${group}.${key}`) : [group],
  );
  const withVariable = flat.filter((key) => !WITHOUT_VARIABLE.has(key));
  t.deepEqual(CONFIG_KEYS.map(({ path }) => path.join('.')).sort(), withVariable.sort());
});

test('rules for channels are read with their patterns, and a wrong one is named with its line', (t) => {
  const rules = fromFile(`lineup:
  rules:
    - match: { name: "*Shop*", bouquet: [Sky, Free] }
      hide: true
    - match: { name: "/^(.*) HD$/" }
      rename: $1
    - match: { id: c00000-1-3fb-283d }
      number: 1
      logo: https://logos.example/ard.png
`).lineup.rules;
  t.is(rules.length, 3);
  t.deepEqual(rules[0]?.match.bouquet, ['Sky', 'Free']);
  t.deepEqual(rules[1], { match: { name: ['/^(.*) HD$/'] }, rename: '$1' });
  for (const [text, complaint] of [
    ['- match: { name: "/(/" }\n      hide: true', /xg2g\.yaml:3.*lineup\.rules\.0\.match\.name/s],
    ['- match: { nmae: x }\n      hide: true', /xg2g\.yaml:3.*nmae is no setting; did you mean name/s],
    ['- match: { name: x }\n      number: 0', /xg2g\.yaml:4.*number is 0, expected a number from 1 to 99999/s],
    ['- match: { name: x }', /xg2g\.yaml:3.*lineup\.rules\.0 is/s],
  ] as const) {
    t.regex(
      problems(() => fromFile(`lineup:\n  rules:\n    ${text}\n`)),
      complaint,
    );
  }
});

test('external guides are a list; each has an address or a path, and secrets of the address are not shown', (t) => {
  const text = `guide:
  external:
    - url: https://me:geheim@guide.example/xmltv.xml.gz?key=geheim
      mode: enrich
      refresh: 6h
      channels: {Das Erste HD: DasErste.de}
    - file: /srv/guide.xml
`;
  const config = fromFile(text);
  t.like(config.guide.external[0], {
    file: null,
    mode: 'enrich',
    refresh: 21_600,
    channels: { 'Das Erste HD': 'DasErste.de' },
  });
  t.like(config.guide.external[1], { url: null, file: '/srv/guide.xml', mode: 'fill', refresh: 43_200, channels: {} });
  t.false(JSON.stringify(redactConfig(config)).includes('geheim'));
  const wrong = [
    '{mode: fill}',
    '{url: "ftp://a/b"}',
    '{file: a.xml}',
    '{file: /a, mode: merge}',
    '{file: /a, url: "http://b"}',
    '{file: /a, refresh: 5s}',
  ];
  for (const entry of wrong)
    t.not(
      problems(() => fromFile(`guide:\n  external:\n    - ${entry}\n`)),
      '',
      entry,
    );
});

test('profiles of the file are read as they are, what they leave out stays open', (t) => {
  const { profiles } = fromFile('profiles:\n  kids: {language: deu, bitrate: 128k, loudness: true}\n  plain: {}\n');
  t.deepEqual(profiles, { kids: { language: 'deu', bitrate: 128_000, loudness: true }, plain: {} });
  t.deepEqual(fromEnv({}).profiles, {});
});

test('a profile with a bad name or an unknown key is refused', (t) => {
  t.regex(
    problems(() => fromFile('profiles: {"My profile": {}}\n')),
    /profiles/,
  );
  t.regex(
    problems(() => fromFile('profiles: {kids: {langauge: deu}}\n')),
    /langauge/,
  );
  t.regex(
    problems(() => fromFile('profiles: {kids: {mode: mp3}}\n')),
    /mode/,
  );
});

test('further receivers are a list with the keys of the first; what is wrong in it is named with its line', (t) => {
  const text = `receivers:
  - host: 192.168.1.21
    mac: 00-1D-EC-01-02-03
    wakeOnLan: yes
    wakeTarget: 192.168.1.255
  - host: https://attic
    password: secret
`;
  const config = fromFile(text);
  t.like(config.receivers[0], {
    host: 'http://192.168.1.21',
    streamPort: 8001,
    mac: '00:1d:ec:01:02:03',
    wakeOnLan: true,
    wakeTarget: { host: '192.168.1.255', port: 9 },
  });
  t.is(config.receivers[1]?.host, 'https://attic');
  t.false(JSON.stringify(redactConfig(config)).includes('secret'));
  const wrong = problems(() => fromFile('receivers:\n  - host: box\n  - hast: box\n    streamPort: 0\n'));
  t.regex(
    wrong,
    /:3: receivers\.1\.hast is no setting; did you mean receivers\.1\.host\?|:3: receivers\.1\.hast is no setting; did you mean host\?/,
  );
  t.regex(wrong, /:4: receivers\.1\.streamPort is 0, expected a port from 1 to 65535/);
});
