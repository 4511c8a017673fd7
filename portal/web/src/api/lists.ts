// Lists that pages share: read whole, read again when an event says that they changed.

import { useEffect, useMemo, useState } from "preact/hooks";
import { signal, type Signal } from "@preact/signals";
import { attended, onAttention } from "./attention";
import { all, get, returns, whenOwnerChanges, type Options } from "./client";
import { onEvent } from "./live";
import type { LocationRow } from "./types";
import { wordsOf } from "./problem";
import type { Page } from "./types";

export interface List<Row> {
  rows: Row[];
  total: number;
  loading: boolean; // the first time
  error: string;
}

const CHANGES = new Set([
  "change", "conversion", "block", "unblock", "misplaced-phone", "binding-conflict", "reload", "stale-phone",
  "token", "told", "restart-by-hand", "desk-login", "desk-logout", "lease-opened", "lease-closed", "lease-expired", "left-out",
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

whenOwnerChanges(() => shared.clear());

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

// A log's newest page, and what was read before: behind it as far as nothing is missing between them.
export function grown<Row extends { id: number | string }>(newest: Page<Row>, before: Page<Row> | undefined): Page<Row> {
  const last = newest.items.at(-1)?.id;
  const at = before?.items.findIndex((row) => row.id === last) ?? -1;
  if (!before || at < 0) return newest;
  return { items: [...newest.items, ...before.items.slice(at + 1)], total: newest.total, next: before.next };
}

export interface Log<Row> extends One<Page<Row>> {
  older: () => Promise<void>; // one page more
}

// A list that grows at its head, the newest first: only what is looked at is read. What was found before
// stands there until another search has its answer.
export function useLog<Row extends { id: number | string }>(path: string, query?: Options["query"]): Log<Row> {
  const head = useOne<Page<Row>>(path, query);
  const key = path + JSON.stringify(query ?? {});
  const [log, setLog] = useState<{ key: string; page: Page<Row> }>();
  useEffect(() => {
    const newest = head.data;
    if (newest) setLog((before) => ({ key, page: grown(newest, before?.key === key ? before.page : undefined) }));
  }, [head.data]);
  const older = async () => {
    const next = log?.key === key ? log.page.next : null;
    if (!next) return;
    const more = await get<Page<Row>>(path, { ...query, after: next });
    setLog((before) => {
      if (before?.key !== key || before.page.next !== next) return before;
      return { key, page: { ...before.page, items: before.page.items.concat(more.items), next: more.next } };
    });
  };
  return { ...head, data: log?.page, older };
}
