// Short news at the corner: what was done (with Undo where there is one) and what was not.

import { signal } from "@preact/signals";
import { CircleAlert, CircleCheck, X } from "lucide-preact";
import { wordsOf } from "../api/problem";
import { withLocalTimes } from "../lib/time";

interface Toast {
  id: number;
  text: string;
  bad: boolean;
  action?: { label: string; run: () => void };
}

const toasts = signal<Toast[]>([]);
let next = 1;

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function dismissAll(): void {
  toasts.value = [];
}

export function say(text: string, action?: Toast["action"]): void {
  add({ id: next++, text, bad: false, ...(action ? { action } : {}) }, action ? 15_000 : 6_000);
}

export function complain(error: unknown): void {
  add({ id: next++, text: wordsOf(error), bad: true }, 0);
}

function add(toast: Toast, milliseconds: number): void {
  toasts.value = [...toasts.value.slice(-3), toast];
  if (milliseconds > 0) setTimeout(() => dismiss(toast.id), milliseconds);
}

export function Toasts() {
  return (
    <div class="toasts" role="region" aria-label="News">
      <div role="status" aria-live="polite">
        {toasts.value.filter((toast) => !toast.bad).map((toast) => <One key={toast.id} toast={toast} />)}
      </div>
      <div role="alert" aria-live="assertive">
        {toasts.value.filter((toast) => toast.bad).map((toast) => <One key={toast.id} toast={toast} />)}
      </div>
    </div>
  );
}

function One({ toast }: { toast: Toast }) {
  const { action } = toast;
  return (
    <div class={`toast ${toast.bad ? "bad" : "good"}`}>
      {toast.bad ? <CircleAlert aria-hidden="true" /> : <CircleCheck aria-hidden="true" />}
      <span>{withLocalTimes(toast.text)}</span>
      {action && (
        <button
          type="button"
          class="text"
          onClick={() => {
            dismiss(toast.id);
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <button type="button" class="icon" aria-label="Dismiss" onClick={() => dismiss(toast.id)}>
        <X aria-hidden="true" />
      </button>
    </div>
  );
}
