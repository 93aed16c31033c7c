import { AREA, type Axes, COLOURS, drawing, lineTo, scaleX, scaleY, textAt } from './svg.ts';

export interface PlottedLine {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LinePlot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly PlottedLine[];
}

export function linePlot({ title, xLabel, yLabel, lines }: LinePlot): string {
  const all = lines.flatMap(({ points }) => points);
  const axes: Axes = {
    title,
    xLabel,
    yLabel,
    x: [0, Math.max(...all.map(([x]) => x)) * 1.03],
    y: [0, Math.max(...all.map(([, y]) => y)) * 1.1],
  };
  const content = lines.flatMap(({ label, points }, index) => {
    const colour = COLOURS[index % COLOURS.length] ?? COLOURS[0];
    const at = points.map(([x, y]) => `${scaleX(axes, x).toFixed(1)},${scaleY(axes, y).toFixed(1)}`);
    const legend = AREA.top + 14 + index * 20;
    return [
      `<polyline points="${at.join(' ')}" fill="none" stroke="${colour}" stroke-width="2.5"/>`,
      ...points.map(
        ([x, y]) =>
          `<circle cx="${scaleX(axes, x).toFixed(1)}" cy="${scaleY(axes, y).toFixed(1)}" r="4" fill="${colour}"/>`,
      ),
      lineTo(AREA.left + 14, legend - 4, AREA.left + 40, legend - 4, colour, 'stroke-width="2.5"'),
      textAt(AREA.left + 46, legend, label),
    ];
  });
  return drawing(axes, content);
}
