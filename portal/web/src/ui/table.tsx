// The one table. Shows any number of rows by drawing only those in sight; below 720 px each row is a
// card. Search and filters belong to the page; sorting, choosing rows and the keyboard are here:
// arrows, Home, End and Page keys move, Enter opens, Space chooses.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import {
  elementScroll, observeElementOffset, observeElementRect, Virtualizer, type VirtualizerOptions,
} from "@tanstack/virtual-core";
import { ArrowDown, ArrowUp } from "lucide-preact";
import { compare, count } from "../lib/text";
import { narrow } from "./media";

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ComponentChildren;
  sort?: (row: Row) => string | number;
  width?: string; // of a CSS grid's track; 1fr unless given
  card?: "title" | "badge" | "line" | "wrap" | "hide"; // where it is on a card; a line unless given
  end?: boolean; // numbers
}

interface TableProps<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  id: (row: Row) => string;
  open?: (row: Row) => void;
  actions?: (row: Row) => ComponentChildren;
  actionsWidth?: string;
  chosen?: Set<string>;
  choose?: (chosen: Set<string>) => void;
  rowClass?: (row: Row) => string;
  empty: ComponentChildren;
  noun?: [string, string];
  follow?: boolean; // stay at the end while rows come
  height?: string;
}

const ROW = 46;
const CARD = 92;

function useVirtual(count: number, size: number, scroller: { current: HTMLDivElement | null }) {
  const [, redraw] = useState(0);
  const [virtual] = useState(() => new Virtualizer<HTMLDivElement, HTMLElement>(optionsOf(count, size, scroller, () => redraw((n) => n + 1))));
  virtual.setOptions(optionsOf(count, size, scroller, () => redraw((n) => n + 1)));
  useEffect(() => virtual._didMount(), []);
  useLayoutEffect(() => virtual._willUpdate());
  useLayoutEffect(() => virtual.measure(), [size]);
  return virtual;
}

function optionsOf(
  count: number, size: number, scroller: { current: HTMLDivElement | null }, redraw: () => void,
): VirtualizerOptions<HTMLDivElement, HTMLElement> {
  return {
    count,
    overscan: 12,
    estimateSize: () => size,
    getScrollElement: () => scroller.current,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    initialRect: { width: 1000, height: 800 },
    onChange: redraw,
  };
}

export function Table<Row>(props: TableProps<Row>) {
  const { columns, id } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [order, setOrder] = useState<{ title: string; down: boolean } | null>(null);
  const [active, setActive] = useState(0);
  const anchor = useRef(0);
  const isNarrow = narrow.value;

  const rows = useMemo(() => {
    const by = columns.find((column) => column.title === order?.title)?.sort;
    if (!order || !by) return props.rows;
    const sign = order.down ? -1 : 1;
    return [...props.rows].sort((a, b) => {
      const [x, y] = [by(a), by(b)];
      return sign * (typeof x === "number" && typeof y === "number" ? x - y : compare(String(x), String(y)));
    });
  }, [props.rows, order]);

  const virtual = useVirtual(rows.length, isNarrow ? CARD : ROW, scroller);
  const items = virtual.getVirtualItems();
  const top = items[0]?.start ?? 0;
  const bottom = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const here = Math.min(active, Math.max(0, rows.length - 1));

  useLayoutEffect(() => {
    if (props.follow && scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [props.follow, rows.length]);

  if (props.rows.length === 0) return <>{props.empty}</>;

  const toggle = (row: Row, index: number, range: boolean) => {
    if (!props.choose || !props.chosen) return;
    const next = new Set(props.chosen);
    const on = !next.has(id(row));
    const [from, to] = range ? [Math.min(anchor.current, index), Math.max(anchor.current, index)] : [index, index];
    for (const one of rows.slice(from, to + 1)) on ? next.add(id(one)) : next.delete(id(one));
    anchor.current = index;
    props.choose(next);
  };

  const go = (index: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    setActive(next);
    virtual.scrollToIndex(next);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus());
  };

  const onKey = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (!target.matches("[data-index]")) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / ROW) - 1);
    const moves: Record<string, number> = {
      ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1, PageDown: here + page, PageUp: here - page,
    };
    const move = moves[event.key];
    const row = rows[here];
    if (move !== undefined) go(move);
    else if (event.key === "Enter" && props.open && row) props.open(row);
    else if (event.key === " " && props.choose && row) toggle(row, here, event.shiftKey);
    else return;
    event.preventDefault();
  };

  const all = rows.length > 0 && props.chosen !== undefined && rows.every((row) => props.chosen!.has(id(row)));
  const some = !all && (props.chosen?.size ?? 0) > 0;
  const chooseAll = () => props.choose?.(all ? new Set() : new Set(rows.map(id)));
  const tracks = [
    props.choose ? "44px" : "", ...columns.map((column) => column.width ?? "minmax(90px, 1fr)"),
    props.actions ? (props.actionsWidth ?? "minmax(96px, auto)") : "",
  ].filter(Boolean).join(" ");

  const checkbox = (row: Row, index: number) => (
    <input
      type="checkbox"
      aria-label={`Choose ${id(row)}`}
      checked={props.chosen?.has(id(row)) ?? false}
      onClick={(event) => toggle(row, index, event.shiftKey)}
    />
  );

  return (
    <div
      ref={scroller}
      class={`rows ${isNarrow ? "cards" : ""}`}
      role="region"
      aria-label={props.caption}
      tabIndex={0}
      onKeyDown={onKey}
      style={props.height ? { maxHeight: props.height } : {}}
    >
      <table role="table" aria-rowcount={rows.length + 1} style={{ "--tracks": tracks }}>
        <caption class="hidden-words">
          {props.caption}, {count(rows.length, ...(props.noun ?? ["row", "rows"]))}
        </caption>
        <thead role="rowgroup">
          <tr role="row">
            {props.choose && (
              <th role="columnheader" scope="col" class="check">
                <input
                  type="checkbox"
                  aria-label="Choose all that are shown"
                  checked={all}
                  ref={(box) => void (box && (box.indeterminate = some))}
                  onInput={chooseAll}
                />
              </th>
            )}
            {columns.map((column) => (
              <th
                key={column.title}
                role="columnheader"
                scope="col"
                class={column.end ? "end" : ""}
                aria-sort={order?.title === column.title ? (order.down ? "descending" : "ascending") : undefined}
              >
                {column.sort ? (
                  <button
                    type="button"
                    class="sort"
                    onClick={() => setOrder({ title: column.title, down: order?.title === column.title ? !order.down : false })}
                  >
                    {column.title}
                    {order?.title === column.title && (order.down ? <ArrowDown aria-hidden="true" /> : <ArrowUp aria-hidden="true" />)}
                  </button>
                ) : (
                  column.title
                )}
              </th>
            ))}
            {props.actions && <th role="columnheader" scope="col"><span class="hidden-words">Actions</span></th>}
          </tr>
        </thead>
        <tbody role="rowgroup" style={{ paddingTop: `${top}px`, paddingBottom: `${Math.max(0, bottom)}px` }}>
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const key = id(row);
            return (
              <tr
                key={key}
                role="row"
                aria-rowindex={item.index + 2}
                data-index={item.index}
                tabIndex={item.index === here ? 0 : -1}
                class={`${props.chosen?.has(key) ? "chosen" : ""} ${props.rowClass?.(row) ?? ""}`}
                onFocus={() => setActive(item.index)}
                onDblClick={(event) => !(event.target as Element).closest("a, button, input") && props.open?.(row)}
              >
                {props.choose && <td role="cell" class="check">{checkbox(row, item.index)}</td>}
                {columns.map((column) => (
                  <td key={column.title} role="cell" data-title={column.title} class={`card-${column.card ?? "line"} ${column.end ? "end" : ""}`}>
                    {column.cell(row)}
                  </td>
                ))}
                {props.actions && <td role="cell" class="actions">{props.actions(row)}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
