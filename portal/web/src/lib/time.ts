// Times for people. `now` is a parameter, so that it can be tested.

export function ago(time: string, now: Date = new Date()): string {
  const then = Date.parse(time);
  if (Number.isNaN(then)) return "";
  const seconds = Math.round((now.getTime() - then) / 1000);
  if (seconds < -1) return `in ${span(-seconds)}`;
  if (seconds < 5) return "just now";
  return `${span(seconds)} ago`;
}

export function span(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(seconds / 3600);
  if (hours < 48) return `${hours} h`;
  const days = Math.round(seconds / 86400);
  return `${days} days`;
}

const pad = (value: number) => String(value).padStart(2, "0");

// "2026-03-01 08:15:30", local.
export function exact(time: string): string {
  const then = new Date(time);
  if (Number.isNaN(then.getTime())) return time;
  const date = `${then.getFullYear()}-${pad(then.getMonth() + 1)}-${pad(then.getDate())}`;
  return `${date} ${pad(then.getHours())}:${pad(then.getMinutes())}:${pad(then.getSeconds())}`;
}

// What the server says, its times (UTC) as those beside them: local.
export function withLocalTimes(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, (time) => exact(time));
}

export function clock(time: string): string {
  return exact(time).slice(11);
}

// Until when: "until removed" or "until 14:05 (in 3 min)".
export function until(time: string, now: Date = new Date()): string {
  if (time === "removed") return "until you remove it";
  const then = new Date(time);
  if (Number.isNaN(then.getTime())) return time;
  const sameDay = then.toDateString() === now.toDateString();
  return `until ${sameDay ? exact(time).slice(11, 16) : exact(time).slice(0, 16)} (${ago(time, now)})`;
}
