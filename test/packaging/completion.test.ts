import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';

const SCRIPT = join(import.meta.dirname, '../../packaging/common/xg2g.bash-completion');

/** What bash offers for the last of the words. */
function offered(command: string, ...words: readonly string[]): string[] {
  const program = `
    source "$0"
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    "$(complete -p "$1" | sed -E 's/.*-F (\\S+) .*/\\1/')"
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', program, SCRIPT, command, ...words], { encoding: 'utf8' })
    .trim()
    .split('\n');
}

test('bash completes commands, their sub-commands, and nothing behind them', (t) => {
  t.deepEqual(offered('xg2g', ''), ['config', 'explain', 'token', '--help', '--version']);
  t.deepEqual(offered('xg2g', 'c'), ['config']);
  t.deepEqual(offered('xg2g', 'config', ''), ['check', 'show']);
  t.deepEqual(offered('xg2g', 'token', ''), ['--new']);
  t.deepEqual(offered('xg2g', 'config', 'check', ''), ['']);
  t.deepEqual(offered('xg2g-transcoder', '--v'), ['--version']);
});
