// What happens, as it happens: one stream of events for all pages.

import { signal } from "@preact/signals";
import { expired, look, returns, url } from "./client";
import type { EventRow } from "./types";

const KEPT = 2000; // the latest; older ones are in the journal

export const live = signal<EventRow[]>([]); // newest last
export const following = signal(false);

type Listener = (event: EventRow) => void;

const listeners = new Set<Listener>();
let source: EventSource | undefined;
let wanted = false; // somebody follows
let again: ReturnType<typeof setTimeout> | undefined;
let fresh: EventRow[] = [];
let drawing = false;

// In a storm many come at once: they are shown once per frame.
function draw(): void {
  drawing = false;
  const merged = live.value.concat(fresh);
  fresh = [];
  live.value = merged.length > KEPT ? merged.slice(-KEPT) : merged;
}

// The latest that has come, shown from now on.
export function latest(): EventRow | undefined {
  if (drawing) draw();
  return live.peek().at(-1);
}

function take(message: MessageEvent<string>): void {
  let event: EventRow;
  try {
    event = JSON.parse(message.data) as EventRow;
  } catch {
    return;
  }
  fresh.push(event);
  if (fresh.length > KEPT) fresh = fresh.slice(-KEPT);
  for (const listener of listeners) listener(event);
  if (drawing) return;
  drawing = true;
  setTimeout(draw, 250);
}

// More came than is sent: whoever waits for a change reads again, in case it was among them.
function leftOut(message: MessageEvent<string>): void {
  const { count } = JSON.parse(message.data) as { count: number };
  const text = `${count.toLocaleString("en")} more events than are shown as they happen; the journal has them.`;
  take(new MessageEvent("message", { data: JSON.stringify({ time: new Date().toISOString(), kind: "left-out", text }) }));
}

export function follow(): void {
  wanted = true;
  if (source || expired.value) return;
  source = new EventSource(url("/events/stream"));
  source.onopen = () => (following.value = true);
  source.onmessage = take;
  source.addEventListener("restarted", () => (returns.value += 1));
  source.addEventListener("lost", leftOut);
  source.onerror = () => {
    following.value = false;
    void look();
    if (source?.readyState !== EventSource.CLOSED) return; // it tries again by itself
    source = undefined;
    again ??= setTimeout(() => {
      again = undefined;
      follow();
    }, 3000);
  };
}

export function unfollow(): void {
  wanted = false;
  source?.close();
  source = undefined;
  clearTimeout(again);
  again = undefined;
  following.value = false;
  live.value = [];
}

export function onEvent(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// The stream that told of a restart goes on; one that is closed is opened again.
returns.subscribe((count) => {
  if (count === 0 || !wanted || source?.readyState === EventSource.OPEN) return;
  source?.close();
  source = undefined;
  follow();
});
