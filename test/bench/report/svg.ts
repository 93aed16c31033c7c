/** Just enough of SVG for two kinds of plot. */

export interface PlotArea {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const AREA: PlotArea = { width: 800, height: 420, left: 70, top: 50, right: 770, bottom: 360 };
/** Told apart by people who see no red or no green, too. */
export const COLOURS = ['#0072b2', '#56b4e9', '#d55e00', '#009e73'] as const;

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

export function textAt(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escapeText(content)}</text>`;
}

export function lineTo(x1: number, y1: number, x2: number, y2: number, stroke: string, extra = ''): string {
  const at = `x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}"`;
  return `<line ${at} stroke="${stroke}" ${extra}/>`;
}

/** A step of 1, 2 or 5 times a power of ten that cuts `span` into five to ten parts. */
export function niceStep(span: number): number {
  const rough = span / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((one) => one * power >= rough) ?? 10;
  return factor * power;
}

export interface Axes {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly x: readonly [from: number, to: number];
  readonly y: readonly [from: number, to: number];
}

export function scaleX({ x }: Axes, value: number): number {
  return AREA.left + ((value - x[0]) / (x[1] - x[0])) * (AREA.right - AREA.left);
}

export function scaleY({ y }: Axes, value: number): number {
  return AREA.bottom - ((value - y[0]) / (y[1] - y[0])) * (AREA.bottom - AREA.top);
}

/** The drawing with title, axes and grid around `content`. */
export function drawing(axes: Axes, content: readonly string[]): string {
  const parts: string[] = [];
  const ticks = ([from, to]: readonly [number, number]): number[] => {
    const step = niceStep(to - from);
    const first = Math.ceil(from / step);
    return Array.from({ length: Math.floor(to / step + 1e-9) - first + 1 }, (_, index) => (first + index) * step);
  };
  for (const value of ticks(axes.x)) {
    const x = scaleX(axes, value);
    parts.push(lineTo(x, AREA.top, x, AREA.bottom, '#e5e5e5'));
    parts.push(textAt(x, AREA.bottom + 18, String(Number(value.toPrecision(6))), 'text-anchor="middle"'));
  }
  for (const value of ticks(axes.y)) {
    const y = scaleY(axes, value);
    parts.push(lineTo(AREA.left, y, AREA.right, y, '#e5e5e5'));
    parts.push(textAt(AREA.left - 8, y + 4, String(Number(value.toPrecision(6))), 'text-anchor="end"'));
  }
  const middle = (AREA.left + AREA.right) / 2;
  const side = (AREA.top + AREA.bottom) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${AREA.width} ${AREA.height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${AREA.width}" height="${AREA.height}" fill="#ffffff"/>`,
    textAt(middle, 26, axes.title, 'text-anchor="middle" font-size="16" font-weight="bold"'),
    ...parts,
    ...content,
    lineTo(AREA.left, AREA.bottom, AREA.right, AREA.bottom, '#333333'),
    lineTo(AREA.left, AREA.top, AREA.left, AREA.bottom, '#333333'),
    textAt(middle, AREA.bottom + 42, axes.xLabel, 'text-anchor="middle"'),
    textAt(18, side, axes.yLabel, `text-anchor="middle" transform="rotate(-90 18 ${side})"`),
    '</svg>\n',
  ].join('\n');
}
