import { AREA, type Axes, COLOURS, drawing, lineTo, scaleX, scaleY, textAt } from './svg.ts';

/** How many values lie in each bin; bin k begins at `from + k · width`. */
export interface Histogram {
  readonly from: number;
  readonly width: number;
  readonly counts: readonly number[];
}

export function histogram(values: readonly number[], width: number): Histogram {
  const bins = values.map((value) => Math.floor(value / width));
  const first = Math.min(...bins);
  const counts = new Array<number>(Math.max(...bins) - first + 1).fill(0);
  for (const bin of bins) counts[bin - first] = (counts[bin - first] ?? 0) + 1;
  return { from: first * width, width, counts };
}

export interface HistogramPlot {
  readonly title: string;
  readonly xLabel: string;
  readonly histogram: Histogram;
  readonly marks: readonly { readonly at: number; readonly label: string }[];
}

export function histogramPlot({ title, xLabel, histogram: { from, width, counts }, marks }: HistogramPlot): string {
  const to = from + counts.length * width;
  const axes: Axes = {
    title,
    xLabel,
    yLabel: 'frames',
    x: [Math.min(0, from), Math.max(to, ...marks.map(({ at }) => at)) + width],
    y: [0, Math.max(...counts) * 1.1],
  };
  const bars = counts.map((count, index) => {
    const left = scaleX(axes, from + index * width);
    const right = scaleX(axes, from + (index + 1) * width);
    const top = scaleY(axes, count);
    const size = `width="${Math.max(0.5, right - left - 1).toFixed(1)}" height="${(AREA.bottom - top).toFixed(1)}"`;
    return `<rect x="${left.toFixed(1)}" y="${top.toFixed(1)}" ${size} fill="${COLOURS[0]}"/>`;
  });
  const lines = marks.flatMap(({ at, label }, index) => {
    const x = scaleX(axes, at);
    return [
      lineTo(x, AREA.top, x, AREA.bottom, COLOURS[2], 'stroke-width="2" stroke-dasharray="5 4"'),
      textAt(x + 5, AREA.top + 14 + index * 18, `${label} ${at.toFixed(1)}`, `fill="${COLOURS[2]}"`),
    ];
  });
  return drawing(axes, [...bars, ...lines]);
}
