/**
 * Limits of the services in a machine with real cgroup controllers: runs in the machine's network.
 * Usage: node limits-machine.ts LABEL LEADER RESULT
 */
import assert from 'node:assert/strict';
import { eventually } from '#test/helpers/wait-for.ts';
import { Checks } from './support/checks.ts';
import { codecs, firstStream, mainPid, RECEIVER, startReceiver, untilReady } from './support/gateway.ts';
import { EAT_MEMORY, evaluate } from './support/inspector.ts';
import { Inside } from './support/machine.ts';
import { Viewer } from './support/viewer.ts';

const [label = '', leader = '', resultPath = ''] = process.argv.slice(2);
const inside = new Inside(Number(leader));
const checks = new Checks(label);
const SECOND_OF_STREAM = 250_000;

const sh = (script: string): Promise<string> => inside.must('sh', '-c', script);
const show = (unit: string, property: string): Promise<string> =>
  inside.must('systemctl', 'show', '--value', `--property=${property}`, unit);

const stopReceiver = await startReceiver();
await sh(`apt-get --yes --quiet install --no-install-recommends /packages/new.deb 2>&1`);
await sh(`sed -i 's/#host: .*/host: ${RECEIVER}/' /etc/xg2g/xg2g.yaml && systemctl enable --now xg2g`);
await untilReady();
const viewer = new Viewer(await firstStream());

await checks.check('the documented limits are in force and leave room', async () => {
  await viewer.more(4 * SECOND_OF_STREAM);
  assert.match(await codecs(viewer.takeRecording()), / aac/);
  for (const [unit, limit] of [
    ['xg2g', 768],
    ['xg2g-transcoder', 1024],
  ] as const) {
    assert.equal(
      await sh(`cat /sys/fs/cgroup/memory/system.slice/${unit}.service/memory.limit_in_bytes`),
      String(limit * 1024 * 1024),
    );
    const mib = Math.round(Number(await show(unit, 'MemoryCurrent')) / 1024 / 1024);
    checks.figure(`MiB charged to ${unit} with one stream`, mib);
    checks.figure(`tasks of ${unit} with one stream`, await show(unit, 'TasksCurrent'));
    assert.ok(mib < limit / 2);
  }
});

await checks.check(
  'a daemon that eats memory is ended alone and comes back; the transcoder never notices',
  async () => {
    await sh(
      "mkdir -p /etc/systemd/system/xg2g.service.d && printf '[Service]\\nMemoryMax=300M\\n' > /etc/systemd/system/xg2g.service.d/test.conf && systemctl daemon-reload && systemctl restart xg2g",
    );
    await untilReady();
    const daemon = await mainPid(inside, 'xg2g');
    const transcoder = await mainPid(inside, 'xg2g-transcoder');
    await inside.must('systemctl', 'kill', '--kill-whom=main', '--signal=USR1', 'xg2g');
    await evaluate(EAT_MEMORY);
    const back = async (): Promise<boolean> => ![0, daemon].includes(await mainPid(inside, 'xg2g'));
    await eventually(back, { what: 'another daemon', timeoutMs: 20_000 });
    await untilReady();
    assert.match(
      await inside.output('journalctl', '--no-pager', '--output=cat', '--unit=xg2g.service'),
      /status=9\/KILL|oom-kill/,
    );
    assert.equal(await mainPid(inside, 'xg2g-transcoder'), transcoder);
    viewer.takeRecording();
    await viewer.more(4 * SECOND_OF_STREAM);
    assert.match(await codecs(viewer.takeRecording()), / aac/);
  },
);

await checks.check('tasks beyond TasksMax are refused to the transcoder', async () => {
  await sh('systemctl set-property --runtime xg2g-transcoder.service TasksMax=16');
  const group = '/sys/fs/cgroup/pids/system.slice/xg2g-transcoder.service';
  const outcome = await inside.tell(
    'sh',
    '-c',
    `echo $$ > ${group}/cgroup.procs; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done`,
  );
  assert.match(outcome.output, /[Cc]annot fork|Resource temporarily unavailable/);
});

await viewer.stop();
stopReceiver();
process.exit(await checks.finish(resultPath));
