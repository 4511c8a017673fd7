// Modal dialogs on the browser's own <dialog>: it keeps the focus inside, closes on Escape, and gives
// the focus back to what opened it.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { signal } from "@preact/signals";
import { usePathname } from "wouter-preact/use-browser-location";
import { X } from "lucide-preact";
import { wordsOf } from "../api/problem";
import { complain } from "./toast";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  wide?: boolean;
  firm?: boolean; // a press beside it does not close it
  busy?: boolean; // nothing closes it
}

export function Dialog({ title, onClose, children, wide, firm, busy }: DialogProps) {
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
  const leave = () => {
    if (!busy) onClose();
  };
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      class={wide ? "wide" : ""}
      onCancel={(event) => {
        if (event.target !== dialog.current) return; // no file was chosen in it
        event.preventDefault();
        leave();
      }}
      onClose={() => dialog.current?.showModal()} // of a second Escape, which asks nobody
      onMouseDown={(event) => !firm && event.target === dialog.current && leave()}
    >
      <article>
        <header>
          <h2 id={id}>{title}</h2>
          <button type="button" class="icon" aria-label="Close" aria-disabled={busy} onClick={leave}>
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

// What was typed in it goes only by Cancel, × or Escape; and by nothing while it is being sent.
export function FormDialog({ submit, danger, disabled, onSubmit, children, ...dialog }: FormDialogProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const form = useRef<HTMLFormElement>(null); // null once it is closed
  // The first field that is wrong is where to go on, and what a field says is not said twice.
  const refuse = (words: string) => {
    form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
    const said = [...(form.current?.querySelectorAll(".mistake") ?? [])].some((one) => one.textContent === words);
    setError(said ? "" : words);
  };
  const run = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError("");
    let refused = "";
    try {
      await onSubmit();
    } catch (failure) {
      refused = wordsOf(failure);
      if (!form.current) complain(failure);
    }
    if (!form.current) return;
    setBusy(false);
    requestAnimationFrame(() => refuse(refused)); // the fields have been drawn by then
  };
  return (
    <Dialog {...dialog} firm busy={busy}>
      <form ref={form} onSubmit={run} noValidate>
        <div class="dialog-body">
          {children}
          {error && <p role="alert" class="error-line">{error}</p>}
        </div>
        <footer>
          <button type="button" class="secondary" aria-disabled={busy} onClick={() => busy || dialog.onClose()}>Cancel</button>
          <button type="submit" class={danger ? "danger" : ""} aria-busy={busy} aria-disabled={busy} disabled={disabled}>
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

const question = signal<(Question & { path: string }) | null>(null);

// Says what will happen, and does it when the answer is yes. A question is of its page, and goes with it.
export function ask(what: Question): void {
  question.value = { ...what, path: location.pathname };
}

export function unask(): void {
  question.value = null;
}

export function Questions() {
  const path = usePathname();
  useEffect(() => {
    if (question.value?.path !== path) unask();
  }, [path]);
  const what = question.value;
  if (what?.path !== path) return null;
  return (
    <FormDialog
      title={what.title}
      submit={what.action}
      danger={what.danger ?? false}
      onClose={unask}
      onSubmit={async () => {
        await what.run();
        if (question.value === what) unask();
      }}
    >
      {what.body}
    </FormDialog>
  );
}
