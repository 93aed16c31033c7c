/** The real clients' tools on another machine of the network: they find the device by themselves, and use it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '#test/daemon/support/hdhomerun-face.ts';
import { probeStreams } from '#test/helpers/ffprobe.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { type Lan, type LanGateway, startLan, startLanGateway } from './support/lan.ts';

async function parties(
  t: ExecutionContext,
  options?: Parameters<typeof startLanGateway>[2],
): Promise<{ lan: Lan; gateway: LanGateway; hdhomerun: (...args: string[]) => Promise<string> } | null> {
  const lan = await startLan(t);
  if (lan === null) return null;
  const gateway = await startLanGateway(t, lan, options);
  return { lan, gateway, hdhomerun: (...args) => lan.onClient('hdhomerun_config', ...args) };
}

/** It waits a second for answers, and gives up: on a machine that is busy one asks again. */
async function discovered(lan: Lan): Promise<string> {
  const options = { what: 'hdhomerun_config to find the device', timeoutMs: 15_000 };
  return await eventually(() => lan.onClient('hdhomerun_config', 'discover'), options);
}

/** What hdhomerun_config prints for an answer that is an error; it exits with 255. */
async function refusal(t: ExecutionContext, answer: Promise<string>): Promise<string> {
  const error = (await t.throwsAsync(answer)) as Error & { stdout: string; stderr: string };
  return `${error.stdout}${error.stderr}`.trim();
}

test.serial('hdhomerun_config finds the device by broadcast, by address and by id, and reads its model', async (t) => {
  const found = await parties(t);
  if (found === null) return;
  const { lan, hdhomerun } = found;
  const line = await discovered(lan);
  const id = /^hdhomerun device ([0-9A-F]{8}) found at 10\.79\.1\.1$/m.exec(line)?.[1] ?? '';
  t.not(id, '', line);
  t.is(await hdhomerun('discover', lan.address), line);
  t.is((await hdhomerun(lan.address, 'get', '/sys/model')).trim(), 'hdhomerun5_dvbt');
  t.is((await hdhomerun(id, 'get', '/sys/hwmodel')).trim(), 'HDHR5-4DT');
  t.regex(await hdhomerun(id, 'get', 'help'), /^Supported configuration options:\n.*\/tuner<n>\/vchannel/s);
  t.is((await hdhomerun(id, 'get', '/tuner0/status')).trim(), 'ch=none lock=none ss=0 snq=0 seq=0 bps=0 pps=0');
  t.regex(await hdhomerun(id, 'get', '/lineup/scan'), /^state=complete progress=100% found=1[0-9]$/m);
  t.is(await refusal(t, hdhomerun(id, 'get', '/no/such')), 'ERROR: unknown getset variable');
  t.is(await refusal(t, hdhomerun(id, 'get', '/tuner9/status')), 'ERROR: unknown getset variable');
});

test.serial(
  'hdhomerun_config tunes a channel, sees its signal and programmes, and saves a file that plays',
  async (t) => {
    const found = await parties(t, { receiver: ['--live', 'Das Erste Übung HD'] });
    if (found === null) return;
    const { lan, hdhomerun } = found;
    const folder = temporaryFolder();
    t.teardown(() => import('node:fs/promises').then(({ rm }) => rm(folder, { recursive: true })));
    await hdhomerun(lan.address, 'set', '/tuner0/vchannel', '1');
    t.regex(await hdhomerun(lan.address, 'get', '/tuner0/vstatus'), /^vch=1 name=Das Erste Übung HD auth=/);
    t.regex(
      await hdhomerun(lan.address, 'get', '/tuner0/streaminfo'),
      /^10301: 1 Das Erste Übung HD\n(?:.*\n)*tsid=0x03FB\n/,
    );
    // The television shows the same transponder: what the box measures there are the numbers of this tuner.
    const status = await eventually(
      async () => {
        const text = await hdhomerun(lan.address, 'get', '/tuner0/status');
        return /snq=92/.test(text) ? text : null;
      },
      { what: "the box's own signal", timeoutMs: 15_000 },
    );
    t.regex(status, /^ch=auto:\d+ lock=dvbs ss=71 snq=92 seq=100 bps=\d+ pps=0\n$/);

    const path = join(folder, 'saved.ts');
    const saving = lan.startOnClient('hdhomerun_config', lan.address, 'save', '/tuner0', path);
    await eventually(async () => (await readFile(path).catch(() => Buffer.alloc(0))).length > 1_500_000, {
      what: 'a file of some seconds',
      timeoutMs: 30_000,
    });
    t.regex(await hdhomerun(lan.address, 'get', '/tuner0/target'), /^rtp:\/\/10\.79\.1\.2:\d+$/m);
    t.regex(await hdhomerun(lan.address, 'get', '/tuner0/status'), / bps=[1-9]\d* pps=[1-9]\d*$/m);
    saving.kill('SIGINT');
    await saving.waitForExit();
    t.log(saving.lines.at(-1));
    t.regex(saving.lines.at(-1) ?? '', /0 overflow errors, 0 network errors, 0 transport errors, 0 sequence errors/);
    const saved = await readFile(path);
    t.is(saved.length % 188, 0);
    const codecs = [...(await probeStreams(saved, 'video')), ...(await probeStreams(saved, 'audio'))].map(
      (stream) => stream['codec_name'],
    );
    t.true(codecs.includes('h264') && codecs.includes('mp2'), codecs.join(', '));
    t.is((await hdhomerun(lan.address, 'get', '/tuner0/target')).trim(), 'none');
  },
);

test.serial('a target that nobody listens on any more gets nothing, and the tuner says so', async (t) => {
  const found = await parties(t);
  if (found === null) return;
  const { lan, gateway, hdhomerun } = found;
  await hdhomerun(lan.address, 'set', '/tuner1/vchannel', '1');
  await hdhomerun(lan.address, 'set', '/tuner1/target', 'udp://10.79.1.2:5000');
  await gateway.daemon.waitForLine(/an HDHomeRun target has ended/);
  t.is((await hdhomerun(lan.address, 'get', '/tuner1/target')).trim(), 'none');
  t.is(
    await refusal(t, hdhomerun(lan.address, 'set', '/tuner1/target', 'udp://198.51.100.7:5000')),
    'ERROR: target is not in an allowed network',
  );
  t.is(await refusal(t, hdhomerun(lan.address, 'set', '/tuner1/target', 'nowhere')), 'ERROR: invalid target');
});

test.serial('with all tuners in use a client is told so, over TCP and over HTTP', async (t) => {
  const found = await parties(t, { receiver: ['--tuners', '1'], env: { XG2G_HDHR_TUNERS: '2' } });
  if (found === null) return;
  const { lan, gateway, hdhomerun } = found;
  await hdhomerun(lan.address, 'set', '/tuner0/vchannel', '1');
  t.is(await refusal(t, hdhomerun(lan.address, 'set', '/tuner1/vchannel', '5')), 'ERROR: 805 All Tuners In Use');
  const answer = await lan.onClient('curl', '-si', `${gateway.url}/auto/v5`);
  t.regex(answer, /^HTTP\/1\.1 503 /);
  t.regex(answer, /^X-HDHomeRun-Error: 805 All Tuners In Use\r$/m);
  t.regex(answer, /^Retry-After: \d+\r$/m);
  const inUse = await lan.onClient('curl', '-si', `${gateway.url}/tuner0/v1`);
  t.regex(inUse, /^X-HDHomeRun-Error: 804 Tuner In Use\r$/m);
  // The other channels of the transponder cost no further tuner.
  await hdhomerun(lan.address, 'set', '/tuner1/vchannel', '2');
  await hdhomerun(lan.address, 'set', '/tuner0/vchannel', 'none');
  t.is((await hdhomerun(lan.address, 'get', '/tuner0/vchannel')).trim(), 'none');
});

test.serial('a scan finds every transponder with its programmes, and the device can be locked for it', async (t) => {
  const found = await parties(t);
  if (found === null) return;
  const { lan, hdhomerun } = found;
  // It exits with an error after every scan, found or not.
  const output = await refusal(t, hdhomerun(lan.address, 'scan', '/tuner0'));
  const programs: string[] = output.match(/^PROGRAM \d+: \d+ .+$/gm) ?? [];
  const lineup = JSON.parse(await lan.onClient('curl', '-s', `${found.gateway.url}/lineup.json`)) as unknown[];
  t.is(programs.length, lineup.length, output);
  t.true(programs.includes('PROGRAM 10301: 1 Das Erste Übung HD'));
  t.regex(output, /^LOCK: dvbs \(ss=100 snq=100 seq=100\)$/m);
  t.regex(output, /^TSID: 0x03FB$/m);
});

test.serial('UPnP control points find the device; it says hello when it comes and goodbye when it goes', async (t) => {
  const found = await parties(t, { env: { XG2G_HDHR_NAME: 'Wohnzimmer & Küche' } });
  if (found === null) return;
  const { lan, gateway } = found;
  const watcher = lan.startOnClient('gssdp-discover', '-i', 'lan0', '-m', 'all');
  const location = `${gateway.url}/device.xml`;
  for (const kind of ['::upnp:rootdevice', '::urn:schemas-upnp-org:device:MediaServer:1', '']) {
    await watcher.waitForLine(new RegExp(`USN: +uuid:[0-9a-f-]{36}${kind}$`));
  }
  t.true(watcher.lines.some((line) => line.includes(location)));
  const xml = await lan.onClient('curl', '-s', location);
  t.regex(xml, /<friendlyName>Wohnzimmer &amp; Küche<\/friendlyName>/);
  const mdns = await lan.onClient('python3', '-c', MDNS_QUESTION);
  t.regex(mdns, /_http\._tcp/);
  const from = watcher.lineCount;
  gateway.daemon.kill('SIGTERM');
  await gateway.daemon.waitForExit();
  await watcher.waitForLine(/resource unavailable/, { from });
  await watcher.waitForLine(/USN: +uuid:/, { from });
});

test.serial('a client that asks by IPv6 multicast is answered, with a URL that it can use', async (t) => {
  const found = await parties(t);
  if (found === null) return;
  const { lan, gateway } = found;
  const answer = await eventually(
    () => lan.onClient('python3', '-c', IPV6_QUESTION).catch(() => null), // its own address takes a moment
    { what: 'an answer', timeoutMs: 15_000 },
  );
  t.log(answer.trim());
  t.true(answer.includes(gateway.url), 'the sender has a link-local address: nothing to build a URL with');
});

test.serial('interfaces that come later are announced on, too; a port that is taken is a warning', async (t) => {
  const lan = await startLan(t);
  if (lan === null) return;
  const holder = lan.startOnGateway({}, 'python3', '-c', HOLD_PORT);
  await holder.waitForLine(/held/);
  const { daemon, url } = await startLanGateway(t, lan);
  const warning = daemon.lines.find((line) => line.includes('TCP port 65001')) ?? '';
  t.regex(warning, /"level":"warn".*TCP port 65001 cannot be had: another program uses it\. Until it can, /);
  t.is(
    (await lan.onClient('curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', `${url}/discover.json`)).trim(),
    '200',
  );
  t.regex(await discovered(lan), /found at 10\.79\.1\.1/);
  await lan.onClient('ip', 'address', 'add', '10.79.2.2/24', 'brd', '+', 'dev', 'lan0');
  const added = lan.startOnGateway({}, 'ip', 'address', 'add', '10.79.2.1/24', 'brd', '+', 'dev', 'lan0');
  await added.waitForExit();
  const watcher = lan.startOnClient('gssdp-discover', '-i', 'lan0');
  await watcher.waitForLine(/Location: http:\/\/10\.79\.2\.1:/, { timeoutMs: 15_000 });
});

/** A one-shot question for web servers; prints the names in the first answer. */
const MDNS_QUESTION = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5)
q = bytes.fromhex('123401000001000000000000') + b'\\x05_http\\x04_tcp\\x05local\\x00' + bytes.fromhex('000c0001')
s.sendto(q, ('224.0.0.251', 5353))
d = s.recv(9000)
assert d[:2] == q[:2], d
print(d.replace(b'\\x05', b'.').replace(b'\\x04', b'.').decode('latin1'))
`;

/** As the newer library asks: no id, several types in one tag, to all devices on the link. */
const IPV6_QUESTION = `
import socket, zlib, struct
p = struct.pack('>HH', 2, 10) + bytes.fromhex('2d080000000100000005')
p += struct.pack('<I', zlib.crc32(p))
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.settimeout(1)
s.sendto(p, ('ff02::176', 65001, 0, socket.if_nametoindex('lan0')))
d, a = s.recvfrom(2000)
assert d[:2] == b'\\x00\\x03', d
print(a[0], d.decode('latin1'))
`;

const HOLD_PORT = `
import socket, time
s = socket.socket(); s.bind(('0.0.0.0', 65001)); s.listen(); print('held', flush=True); time.sleep(600)
`;
