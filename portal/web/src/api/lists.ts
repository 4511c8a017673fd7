// Lists that pages share: read whole, read again when an event says that they changed.

import { useEffect, useMemo } from "preact/hooks";
import { effect, signal, type Signal } from "@preact/signals";
import { attended, onAttention } from "./attention";
import { all, get, returns, session, type Options } from "./client";
import { onEvent } from "./live";
import type { LocationRow } from "./types";
import { wordsOf } from "./problem";

export interface List<Row> {
  rows: Row[];
  total: number;
  loading: boolean; // the first time
  error: string;
}

const CHANGES = new Set([
  "change", "conversion", "block", "unblock", "misplaced-phone", "binding-conflict", "reload", "stale-phone",
  "token", "told", "lease", "left-out",
]);

class SharedList<Row> {
  readonly state: Signal<List<Row>> = signal({ rows: [], total: 0, loading: true, error: "" });
  private users = 0;
  private stop: (() => void)[] = [];
  private running: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private took = 0;
  private missed = false; // something changed while nobody looked

  constructor(
    private readonly path: string,
    private readonly query: Options["query"],
  ) {}

  use(): () => void {
    if (this.users++ === 0) {
      this.stop = [
        onEvent((event) => CHANGES.has(event.kind) && this.soon()),
        returns.subscribe((count) => count > 0 && this.soon()),
        onAttention(() => this.missed && this.soon()),
      ];
    }
    void this.read();
    return () => {
      if (--this.users > 0) return;
      for (const stop of this.stop) stop();
      clearTimeout(this.timer);
      this.timer = undefined;
      this.running?.abort();
      this.running = undefined;
    };
  }

  // The longer it takes, the rarer: a list of 20,000 is not read again at every change of a storm.
  private soon(): void {
    this.missed = !attended();
    if (this.missed) return;
    this.timer ??= setTimeout(() => void this.read(), Math.max(300, 5 * this.took));
  }

  async read(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.running?.abort();
    const running = (this.running = new AbortController());
    const began = performance.now();
    let latest: Row[] = [];
    let count = 0;
    try {
      await all<Row>(
        this.path,
        this.query,
        (rows, total) => {
          latest = rows;
          count = total;
          if (this.state.value.loading) this.state.value = { rows, total, loading: rows.length < total, error: "" };
        },
        running.signal,
      );
      this.took = performance.now() - began;
      this.state.value = { rows: latest, total: count, loading: false, error: "" };
    } catch (error) {
      if (running.signal.aborted) return;
      this.state.value = { ...this.state.value, loading: false, error: wordsOf(error) };
    }
  }
}

const shared = new Map<string, SharedList<unknown>>();

// What somebody has read is not for who signs in after him.
let reader: string | undefined;
effect(() => {
  const name = session.value?.name;
  if (name !== reader) shared.clear();
  reader = name;
});

function listOf<Row>(path: string, query: Options["query"]): SharedList<Row> {
  const key = path + JSON.stringify(query ?? {});
  let list = shared.get(key);
  if (!list) shared.set(key, (list = new SharedList<unknown>(path, query)));
  return list as SharedList<Row>;
}

export function useList<Row>(path: string, query?: Options["query"]): List<Row> & { reload: () => Promise<void> } {
  const list = useMemo(() => listOf<Row>(path, query), [path, JSON.stringify(query ?? {})]);
  useEffect(() => list.use(), [list]);
  return { ...list.state.value, reload: () => list.read() };
}

// What people call a location.
export function useLabels(): (name: string) => string {
  const { rows } = useList<LocationRow>("/locations");
  const labels = useMemo(() => new Map(rows.map((row) => [row.name, row.label])), [rows]);
  return (name) => labels.get(name) || name;
}

// After a change of our own: whoever shows the list reads it again at once.
export function changed(...paths: string[]): void {
  for (const [key, list] of shared) if (paths.some((path) => key.startsWith(path))) void list.read();
}

export interface One<T> {
  data: T | undefined;
  error: string;
  reload: () => void;
}

// One object, read again every `every` milliseconds while the page is visible, and at changes. What is
// `unattended` goes on when nobody is there: the daemon does not take it for a sign of life.
export function useOne<T>(path: string, query?: Options["query"], every = 0, unattended = false): One<T> {
  const store = useMemo(() => {
    const data = signal<{ data: T | undefined; error: string }>({ data: undefined, error: "" });
    let running: AbortController | undefined;
    const read = async () => {
      running?.abort();
      const mine = (running = new AbortController());
      try {
        data.value = { data: await get<T>(path, query, mine.signal), error: "" };
      } catch (error) {
        if (!mine.signal.aborted) data.value = { data: data.value.data, error: wordsOf(error) };
      }
    };
    return { data, read, stop: () => running?.abort() };
  }, [path, JSON.stringify(query ?? {})]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let alive = true;
    let missed = false;
    const soon = () => {
      missed = !attended();
      if (missed) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        void store.read();
      }, 400);
    };
    const tick = async () => {
      if (!document.hidden && (unattended || attended())) await store.read();
      if (alive && every > 0) ticking = setTimeout(tick, every);
    };
    let ticking: ReturnType<typeof setTimeout> | undefined;
    void tick();
    const stops = [
      onEvent((event) => CHANGES.has(event.kind) && soon()),
      returns.subscribe((count) => count > 0 && soon()),
      onAttention(() => missed && soon()),
    ];
    return () => {
      alive = false;
      clearTimeout(timer);
      clearTimeout(ticking);
      for (const stop of stops) stop();
      store.stop();
    };
  }, [store, every]);

  return { ...store.data.value, reload: () => void store.read() };
}
