// Signing in: on a page of its own, or over the pages of a session that has ended.

import { useEffect, useRef, useState } from "preact/hooks";
import { expired, signedOutBecause, signIn } from "../api/client";
import { ApiError, wordsOf } from "../api/problem";
import { Field } from "../ui/field";

function Form({ as }: { as: string }) {
  const [name, setName] = useState(as);
  const [password, setPassword] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const before = document.title;
    document.title = "Sign in · stormdoor";
    form.current?.querySelector<HTMLElement>(as ? "input[type=password]" : "input")?.focus();
    return () => void (document.title = before);
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (name.trim() === "" || password === "") {
      setError("Name and password are both needed.");
      form.current?.querySelector<HTMLInputElement>(name.trim() === "" ? "input" : "input[type=password]")?.focus();
      return;
    }
    setBusy(true);
    setError("");
    try {
      await signIn(name.trim(), password);
    } catch (failure) {
      const unsaid = failure instanceof ApiError && failure.status === 401 && failure.message === "You are signed out.";
      setError(unsaid ? "Name or password is wrong." : wordsOf(failure));
      setPassword("");
      setBusy(false);
      form.current?.querySelector<HTMLInputElement>("input[type=password]")?.focus();
    }
  };
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <svg viewBox="0 0 32 32" class="mark" aria-hidden="true">
        <path class="door" d="M9 26V8.5A2.5 2.5 0 0 1 11.5 6h9A2.5 2.5 0 0 1 23 8.5V26" />
        <path class="bolt" d="M17.5 9.5 13 17h3.5L15 23l5-8h-3.5z" />
      </svg>
      <h1 id="sign-in">Sign in to stormdoor</h1>
      {signedOutBecause.value && <p class="note" role="status">{signedOutBecause.value}</p>}
      <Field label="Name" name="name" value={name} onInput={setName} autoComplete="username" />
      <Field label="Password" name="password" type="password" value={password} onInput={setPassword} autoComplete="current-password" />
      {error && <p class="error-line" role="alert">{error}</p>}
      <button type="submit" aria-busy={busy} disabled={busy}>Sign in</button>
      <p class="small">
        No account yet? On the server: <code>stormdoor admin add NAME</code>. Wrong passwords count against your
        address, as everywhere else here.
      </p>
    </form>
  );
}

export function SignIn() {
  return <main class="sign-in"><Form as="" /></main>;
}

// Covers what the session's owner had open, and gives it back to him as it was.
export function SignInAgain({ name }: { name: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>("input[type=password]")?.focus();
    return () => {
      dialog.current?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} class="sign-in" aria-labelledby="sign-in" onCancel={(event) => event.preventDefault()} onClose={() => expired.value && dialog.current?.showModal()}>
      <Form as={name} />
    </dialog>
  );
}
