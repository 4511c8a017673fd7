// The overview's numbers over time, as groups of lines that belong together.

import type { Series } from "../api/types";

export interface ChartGroup {
  title: string;
  unit: "count" | "bytes";
  lines: { label: string; points: [number, number][] }[];
}

const PROTOCOLS = ["tftp", "https", "http", "sip"];

const TITLES: Record<string, string> = {
  requests: "Requests per second",
  bytes: "Bytes per second",
  booting: "Phones booting",
  failures: "Failed attempts per second",
  blocks: "Blocks in force",
  refused: "Refused requests",
  logins: "Desk logins",
};

function words(text: string): string {
  const spaced = text.replace(/[_.-]+/g, " ").trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

// "tftp_requests" and "https requests" are two lines of one chart; any other name is a chart of its own.
export function grouped(series: Series[]): ChartGroup[] {
  const groups = new Map<string, ChartGroup>();
  const isApart = series.some((one) => /https/i.test(one.name)); // else "http" counts both
  for (const one of series) {
    const parts = one.name.toLowerCase().split(/[\s_./-]+/);
    const protocol = parts.find((part) => PROTOCOLS.includes(part));
    const rest = parts.filter((part) => part !== protocol).join(" ");
    const subject = Object.keys(TITLES).find((word) => rest.split(" ").includes(word)) ?? rest;
    const title = TITLES[subject] ?? words(one.name);
    const group = groups.get(title) ?? { title, unit: subject === "bytes" ? "bytes" as const : "count" as const, lines: [] };
    group.lines.push({ label: protocol === "http" && !isApart ? "HTTP and HTTPS" : protocol ? protocol.toUpperCase() : words(rest), points: one.points });
    groups.set(title, group);
  }
  return [...groups.values()];
}

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  let rest = value;
  while (rest >= 1000 && unit < units.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  return `${rest >= 100 || unit === 0 ? Math.round(rest) : Math.round(rest * 10) / 10} ${units[unit]}`;
}
