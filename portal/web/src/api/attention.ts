// Whether somebody is at the page. What a page asks for by itself must not keep a session alive whose
// owner has left, so most of it pauses until somebody moves again.

const PATIENCE = 5 * 60_000; // milliseconds

let latest = 0;
const listeners = new Set<() => void>();

export function attended(now: number = Date.now()): boolean {
  return now - latest < PATIENCE;
}

export function notice(now: number = Date.now()): void {
  const returned = !attended(now);
  latest = now;
  if (returned) for (const listener of listeners) listener();
}

// Called when somebody comes back.
export function onAttention(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
