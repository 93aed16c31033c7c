import { cpus, release, totalmem } from 'node:os';
import type { Figure } from '../part.ts';

const MARKS: ReadonlyMap<boolean | null, string> = new Map([
  [true, 'yes'],
  [false, 'NO'],
  [null, ''],
]);

/** As text for the terminal. */
export function textTable(figures: readonly Figure[]): string {
  const widths = { what: 4, value: 5, goal: 4 };
  for (const figure of figures) {
    for (const key of ['what', 'value', 'goal'] as const) widths[key] = Math.max(widths[key], figure[key].length);
  }
  return figures
    .map(({ what, value, goal, met }) => {
      const columns = [what.padEnd(widths.what), value.padEnd(widths.value), goal.padEnd(widths.goal)];
      return `  ${columns.join('  ')}  ${MARKS.get(met) ?? ''}`.trimEnd();
    })
    .join('\n');
}

/** As a page, with the plots. */
export function markdownPage(
  parts: ReadonlyMap<string, { figures: readonly Figure[]; plots: readonly string[] }>,
): string {
  const lines = ['# What `make bench` measured', '', machine(), ''];
  for (const [name, { figures, plots }] of parts) {
    lines.push(`## ${name}`, '', '| figure | measured | goal | met |', '|---|---|---|---|');
    for (const { what, value, goal, met } of figures) {
      lines.push(`| ${what} | ${value} | ${goal} | ${MARKS.get(met) ?? ''} |`);
    }
    lines.push('', ...plots.flatMap((plot) => [`![${plot}](${plot})`, '']));
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GB`;
  return `${cpus().length} cores of ${model}, ${memory}, Linux ${release()}, Node ${process.version}. ffmpeg does the same to the same stream at the same time, or in the same run.`;
}
