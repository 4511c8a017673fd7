// A live line over time (uPlot): newest at the right, the latest value said in words beside it.

import { useEffect, useRef, useState } from "preact/hooks";
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
}

// A whole number of what is counted; of seconds, most of them minutes.
const STEPS = Array.from({ length: 37 }, (_, n) => [1, 2, 5][n % 3]! * 10 ** Math.floor(n / 3));
const SECONDS = [10, 30, 60, 120, 300, 600];

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

// The size of the page's words, which is another on a large screen.
function rem(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize);
}

function sizeOf(element: HTMLElement): { width: number; height: number } {
  return { width: element.clientWidth, height: element.clientHeight };
}

function options(lines: Line[], size: { width: number; height: number }, unit: number, format: (value: number) => string): uPlot.Options {
  const axis = { stroke: color("--quiet"), grid: { stroke: color("--line"), width: 1 }, ticks: { show: false }, font: `${0.8 * unit}px 'IBM Plex Sans', sans-serif` };
  return {
    ...size,
    legend: { show: false },
    cursor: { show: false },
    padding: [0.5 * unit, 1.3 * unit, 0, 0],
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, (high ?? 1) * 1.15)] } },
    axes: [
      { ...axis, space: 5 * unit, size: 1.7 * unit, incrs: SECONDS, values: (_plot, at, _axis, _space, step) => at.map((time) => new Date(time * 1000).toTimeString().slice(0, step < 60 ? 8 : 5)) },
      { ...axis, size: 3.6 * unit, space: 2.3 * unit, incrs: STEPS, values: (_plot, at) => at.map(format) },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.label,
        stroke: color(`--chart-${line.tone}`),
        width: unit / 7.5,
        fill: lines.length === 1 ? color(`--chart-${line.tone}-fill`) : undefined,
        points: { show: false },
      })),
    ] as uPlot.Series[],
  };
}

export function Chart({ title, lines, format = plain }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const [unit, setUnit] = useState(rem);
  const shape = lines.map((line) => line.label).join("\n");

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = new uPlot(options(lines, sizeOf(element), unit, format), aligned(lines), element);
    plot.current = made;
    const watch = new ResizeObserver(() => {
      made.setSize(sizeOf(element));
      setUnit(rem());
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, [shape, dark.value, unit]);

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
      <div ref={box} class="plot" role="img" aria-label={`${title}, last ten minutes. Now: ${words}.`} />
    </figure>
  );
}
