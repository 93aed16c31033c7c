/** One line of a plot: its values sorted make a cumulative distribution. */
export interface PlotSeries {
  readonly name: string;
  readonly values: readonly number[];
}

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 60;
const RIGHT = 210;
const TOP = 40;
const BOTTOM = 50;
const COLOURS = ['#1f5fa8', '#b8442c', '#2f7d3a', '#8a5a00', '#6a3d9a', '#444444'];

/** Cumulative distributions on a logarithmic axis of milliseconds, as SVG. `limits` are drawn as dashed lines. */
export function distributionPlot(
  title: string,
  series: readonly PlotSeries[],
  limits: readonly { readonly ms: number; readonly name: string }[] = [],
): string {
  const all = [...series.flatMap(({ values }) => values), ...limits.map(({ ms }) => ms)].filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...all)));
  const high = Math.ceil(Math.log10(Math.max(...all)));
  const x = (ms: number): number => LEFT + ((Math.log10(ms) - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  const y = (share: number): number => HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  const text = (at: number, up: number, content: string, more = ''): string =>
    `<text x="${at.toFixed(1)}" y="${up.toFixed(1)}" ${more}>${content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;
  const parts: string[] = [text(LEFT, 24, title, 'font-size="15" font-weight="bold"')];
  for (let power = low; power <= high; power++) {
    const at = x(10 ** power);
    parts.push(`<line x1="${at}" y1="${TOP}" x2="${at}" y2="${HEIGHT - BOTTOM}" stroke="#dddddd"/>`);
    parts.push(text(at, HEIGHT - BOTTOM + 18, `${10 ** power} ms`, 'text-anchor="middle"'));
  }
  for (const share of [0, 0.5, 0.95, 1]) {
    parts.push(`<line x1="${LEFT}" y1="${y(share)}" x2="${WIDTH - RIGHT}" y2="${y(share)}" stroke="#dddddd"/>`);
    parts.push(text(LEFT - 8, y(share) + 4, `${share * 100} %`, 'text-anchor="end"'));
  }
  for (const { ms, name } of limits) {
    parts.push(
      `<line x1="${x(ms)}" y1="${TOP}" x2="${x(ms)}" y2="${HEIGHT - BOTTOM}" stroke="#999999" stroke-dasharray="4 4"/>`,
      text(x(ms) + 4, TOP + 10, name, 'fill="#777777"'),
    );
  }
  for (const [index, { name, values }] of series.entries()) {
    const colour = COLOURS[index % COLOURS.length] as string;
    const sorted = values.filter((value) => value > 0).toSorted((a, b) => a - b);
    const points = sorted.map((value, at) => `${x(value).toFixed(1)},${y((at + 1) / sorted.length).toFixed(1)}`);
    parts.push(`<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    parts.push(text(WIDTH - RIGHT + 14, TOP + 16 + index * 20, name, `fill="${colour}"`));
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
