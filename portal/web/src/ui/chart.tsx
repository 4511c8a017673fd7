// A live line over time (uPlot): newest at the right, the latest value said in words beside it.

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { dark } from "./media";

export interface Line {
  label: string;
  tone: 1 | 2 | 3 | 4;
  points: [number, number][];
}

interface ChartProps {
  title: string;
  lines: Line[];
  format?: (value: number) => string;
  height?: number;
}

function plain(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : String(Math.round(value * 10) / 10);
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// All lines on one axis of time; a line without a value there has a gap.
function aligned(lines: Line[]): uPlot.AlignedData {
  const times = [...new Set(lines.flatMap((line) => line.points.map(([time]) => time)))].sort((a, b) => a - b);
  const values = lines.map((line) => {
    const known = new Map(line.points);
    return times.map((time) => known.get(time) ?? null);
  });
  return [times, ...values] as uPlot.AlignedData;
}

function options(lines: Line[], width: number, height: number, format: (value: number) => string): uPlot.Options {
  const axis = { stroke: color("--quiet"), grid: { stroke: color("--line"), width: 1 }, ticks: { show: false }, font: "12px 'IBM Plex Sans', sans-serif" };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 20, 0, 0],
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, (high ?? 1) * 1.15)] } },
    axes: [
      { ...axis, space: 80, size: 26, values: (_plot, at) => at.map((time) => new Date(time * 1000).toTimeString().slice(0, 5)) },
      { ...axis, size: 54, space: 34, values: (_plot, at) => at.map(format) },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.label,
        stroke: color(`--chart-${line.tone}`),
        width: 2,
        fill: lines.length === 1 ? color(`--chart-${line.tone}-fill`) : undefined,
        points: { show: false },
      })),
    ] as uPlot.Series[],
  };
}

export function Chart({ title, lines, format = plain, height = 150 }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const shape = lines.map((line) => line.label).join("\n");

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = new uPlot(options(lines, element.clientWidth, height, format), aligned(lines), element);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, [shape, dark.value]);

  useEffect(() => plot.current?.setData(aligned(lines)), [lines]);

  const latest = lines.map((line) => ({ line, value: line.points.at(-1)?.[1] ?? 0 }));
  const words = latest.map(({ line, value }) => `${line.label} ${format(value)}`).join(", ");
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="chart-now">
          {latest.map(({ line, value }) => (
            <span key={line.label} class={`now tone-${line.tone}`}>
              {lines.length > 1 && <span class="now-label">{line.label}</span>}
              <strong>{format(value)}</strong>
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={box} class="plot" role="img" aria-label={`${title}, last ten minutes. Now: ${words}.`} style={{ height: `${height}px` }} />
    </figure>
  );
}
