// Modal dialogs on the browser's own <dialog>: it keeps the focus inside, closes on Escape, and gives
// the focus back to what opened it.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { signal } from "@preact/signals";
import { X } from "lucide-preact";
import { wordsOf } from "../api/problem";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  wide?: boolean;
}

export function Dialog({ title, onClose, children, wide }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      class={wide ? "wide" : ""}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => event.target === dialog.current && onClose()}
    >
      <article>
        <header>
          <h2 id={id}>{title}</h2>
          <button type="button" class="icon" aria-label="Close" onClick={onClose}>
            <X aria-hidden="true" />
          </button>
        </header>
        {children}
      </article>
    </dialog>
  );
}

interface FormDialogProps extends DialogProps {
  submit: string;
  danger?: boolean;
  disabled?: boolean;
  onSubmit: () => Promise<void>; // what it throws is shown in the dialog
}

export function FormDialog({ submit, danger, disabled, onSubmit, children, ...dialog }: FormDialogProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const alive = useRef(true);
  useEffect(() => () => void (alive.current = false), []);
  const run = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError("");
    try {
      await onSubmit();
    } catch (failure) {
      if (alive.current) setError(wordsOf(failure));
    }
    if (alive.current) setBusy(false);
  };
  return (
    <Dialog {...dialog}>
      <form onSubmit={run} noValidate>
        <div class="dialog-body">
          {children}
          {error && <p role="alert" class="error-line">{error}</p>}
        </div>
        <footer>
          <button type="button" class="secondary" onClick={dialog.onClose}>Cancel</button>
          <button type="submit" class={danger ? "danger" : ""} aria-busy={busy} disabled={disabled || busy}>
            {submit}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

interface Question {
  title: string;
  body: ComponentChildren;
  action: string;
  danger?: boolean;
  run: () => Promise<void>;
}

const question = signal<Question | null>(null);

// Says what will happen, and does it when the answer is yes.
export function ask(what: Question): void {
  question.value = what;
}

export function unask(): void {
  question.value = null;
}

export function Questions() {
  const what = question.value;
  if (!what) return null;
  return (
    <FormDialog
      title={what.title}
      submit={what.action}
      danger={what.danger ?? false}
      onClose={unask}
      onSubmit={async () => {
        await what.run();
        unask();
      }}
    >
      {what.body}
    </FormDialog>
  );
}
