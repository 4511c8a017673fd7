// A new password: for oneself, or by an administrator for somebody.

import { useState } from "preact/hooks";
import { at, put } from "../api/client";
import { problemOf } from "../api/problem";
import { FormDialog } from "../ui/dialog";
import { Field } from "../ui/field";
import { say } from "../ui/toast";

export function PasswordDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [differs, setDiffers] = useState(false);
  return (
    <FormDialog
      title={`New password for ${name}`}
      submit="Set password"
      disabled={password === ""}
      onClose={onClose}
      onSubmit={async () => {
        setDiffers(password !== again);
        if (password !== again) return;
        try {
          await put(at("administrators", name, "password"), { password });
          say(`${name} has a new password.`);
          onClose();
        } catch (failure) {
          setError(failure);
          throw failure;
        }
      }}
    >
      <Field label="New password" type="password" value={password} onInput={setPassword} autoFocus autoComplete="new-password" mistake={problemOf(error, "password")} hint={`${name} is signed out everywhere else.`} />
      <Field label="New password again" type="password" value={again} onInput={setAgain} autoComplete="new-password" mistake={differs ? "The two passwords differ." : ""} />
    </FormDialog>
  );
}
