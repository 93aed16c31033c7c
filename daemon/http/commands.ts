import { parseArgs } from 'node:util';
import { BUILD } from '#shared/build.ts';
import { XgError } from '#shared/errors.ts';
import { ApiToken } from '../config/api-token.ts';
import { loadConfig, redactConfig } from '../config/load.ts';
import { explainChannel, localUrl } from './explain-command.ts';

const HELP = `xg2g ${BUILD}: gateway between an Enigma2 receiver and the players in the house

Usage: xg2g                 run the daemon
       xg2g config check    check the configuration and say what is wrong with it
       xg2g config show     print the configuration in force, without secrets
       xg2g explain CHANNEL [--json] [--url URL]
                            what the running daemon would do with a channel (id, number or name), and why
       xg2g token [--new]   show the token that the API wants for changes, or make a new one
       xg2g --help | --version

Settings come from /etc/xg2g/xg2g.yaml (or the file XG2G_CONFIG names) and from the environment, which wins. The one
that is needed: XG2G_E2_HOST, the receiver's host name or address.
`;

/** What `xg2g` does when it is not the daemon. @throws XgError of the configuration, or what the daemon answered. */
export async function runCommand(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) process.stdout.write(HELP);
  else if (args.includes('--version')) process.stdout.write(`${BUILD}\n`);
  else if (args[0] === 'config' && args[1] === 'check') {
    loadConfig({ env: process.env });
    process.stdout.write('The configuration is fine.\n');
  } else if (args[0] === 'config' && args[1] === 'show') {
    process.stdout.write(`${JSON.stringify(redactConfig(loadConfig({ env: process.env })), null, 2)}\n`);
  } else if (args[0] === 'token') printToken(args.slice(1));
  else if (args[0] === 'explain') await explain(args.slice(1));
  else {
    process.stderr.write(`xg2g: unknown command "${args.join(' ')}"; see xg2g --help\n`);
    process.exitCode = 2;
  }
}

function printToken(args: readonly string[]): void {
  const { values } = parseArgs({ args: [...args], options: { new: { type: 'boolean', default: false } } });
  const config = loadConfig({ env: process.env });
  const token = new ApiToken({ dataFolder: config.data, configured: config.http.apiToken });
  process.stdout.write(`${values.new ? token.renew() : token.read()}\n`);
}

async function explain(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, url: { type: 'string' } },
  });
  const channel = positionals.join(' ');
  if (channel === '') throw new XgError('USAGE', 'explain wants a channel: its id, its number or its name');
  if (values.url !== undefined) {
    const url = values.url.replace(/\/+$/, '');
    process.stdout.write(await explainChannel({ url, channel, token: null, json: values.json }));
    return;
  }
  const { http, data } = loadConfig({ env: process.env });
  const token = new ApiToken({ dataFolder: data, configured: http.apiToken }).current();
  process.stdout.write(await explainChannel({ url: localUrl(http.listen), channel, token, json: values.json }));
}
