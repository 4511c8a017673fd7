// What stands above a list: search, filters, how many are shown, and what may be done with the chosen.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Search, X } from "lucide-preact";
import { count } from "../lib/text";

interface ToolsProps {
  search: string;
  onSearch: (text: string) => void;
  what: string; // "Search by MAC, name or location"
  shown: number;
  total: number;
  noun: [string, string];
  loading?: boolean;
  children?: ComponentChildren;
}

export function Tools({ search, onSearch, what, shown, total, noun, loading, children }: ToolsProps) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.key !== "/" || event.ctrlKey || event.metaKey || target.matches("input, textarea, select")) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  const words = loading
    ? `${count(shown, ...noun)} so far`
    : shown === total ? count(total, ...noun) : `${shown.toLocaleString("en")} of ${count(total, ...noun)}`;
  return (
    <div class="tools">
      <div class="search">
        <Search aria-hidden="true" />
        <label for={id} class="hidden-words">{what}</label>
        <input
          ref={input}
          id={id}
          type="search"
          placeholder={what}
          title="Press / to come here"
          value={search}
          spellcheck={false}
          autoComplete="off"
          onInput={(event) => onSearch(event.currentTarget.value)}
        />
      </div>
      {children}
      <p class="shown" role="status">{words}</p>
    </div>
  );
}

export function Filter(props: { label: string; value: string; onInput: (value: string) => void; children: ComponentChildren }) {
  const id = useId();
  return (
    <div class="filter">
      <label for={id}>{props.label}</label>
      <select id={id} value={props.value} onInput={(event) => props.onInput(event.currentTarget.value)}>
        {props.children}
      </select>
    </div>
  );
}

export function Chosen({ number, noun, clear, children }: { number: number; noun: [string, string]; clear: () => void; children: ComponentChildren }) {
  if (number === 0) return null;
  return (
    <div class="chosen-bar" role="region" aria-label="What is chosen">
      <strong>{count(number, ...noun)} chosen</strong>
      {children}
      <button type="button" class="icon" aria-label="Choose none" onClick={clear}>
        <X aria-hidden="true" />
      </button>
    </div>
  );
}
