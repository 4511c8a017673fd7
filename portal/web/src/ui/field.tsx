// Labelled inputs with their hint and what is wrong with them.

import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

interface FieldProps {
  label: ComponentChildren;
  value: string;
  onInput: (value: string) => void;
  hint?: ComponentChildren;
  mistake?: string;
  type?: string;
  required?: boolean;
  disabled?: boolean;
  autoFocus?: boolean;
  autoComplete?: string;
  inputMode?: JSX.HTMLAttributes<HTMLInputElement>["inputMode"];
  placeholder?: string;
  list?: string;
  name?: string;
}

export function Field({ label, value, onInput, hint, mistake, autoFocus, ...input }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, mistake && `${id}-mistake`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        value={value}
        aria-invalid={mistake ? "true" : undefined}
        aria-describedby={described || undefined}
        data-autofocus={autoFocus ? "" : undefined}
        spellcheck={false}
        {...input}
        type={input.type ?? "text"}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {hint && <small id={`${id}-hint`}>{hint}</small>}
      {mistake && <small id={`${id}-mistake`} class="mistake">{mistake}</small>}
    </div>
  );
}

interface SelectProps {
  label: ComponentChildren;
  value: string;
  onInput: (value: string) => void;
  children: ComponentChildren;
  hint?: ComponentChildren;
  mistake?: string;
  disabled?: boolean;
  autoFocus?: boolean;
}

export function Select({ label, value, onInput, children, hint, mistake, disabled, autoFocus }: SelectProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, mistake && `${id}-mistake`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        disabled={disabled}
        aria-invalid={mistake ? "true" : undefined}
        aria-describedby={described || undefined}
        data-autofocus={autoFocus ? "" : undefined}
        onInput={(event) => onInput(event.currentTarget.value)}
      >
        {children}
      </select>
      {hint && <small id={`${id}-hint`}>{hint}</small>}
      {mistake && <small id={`${id}-mistake`} class="mistake">{mistake}</small>}
    </div>
  );
}

export function Toggle(props: { label: string; on: boolean; onInput: (on: boolean) => void; hint?: ComponentChildren }) {
  const id = useId();
  return (
    <div class="toggle">
      <input
        id={id}
        type="checkbox"
        role="switch"
        checked={props.on}
        aria-describedby={props.hint ? `${id}-hint` : undefined}
        onInput={(event) => props.onInput(event.currentTarget.checked)}
      />
      <label for={id}>{props.label}</label>
      {props.hint && <small id={`${id}-hint`}>{props.hint}</small>}
    </div>
  );
}
