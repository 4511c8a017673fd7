// Convert to hot desking: one step, in which nobody has to be quick.

import { useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { post } from "../api/client";
import { changed, useList } from "../api/lists";
import { ApiError } from "../api/problem";
import type { Done, LocationRow, PhoneRow, UserRow } from "../api/types";
import { count, extensionOf } from "../lib/text";
import { FormDialog } from "../ui/dialog";
import { Field, Select } from "../ui/field";
import { say } from "../ui/toast";

export function ConvertDialog({ phones, onClose }: { phones: PhoneRow[]; onClose: () => void }) {
  const locations = useList<LocationRow>("/locations");
  const without = phones.filter((phone) => phone.location === "");
  const [location, setLocation] = useState("");
  const [atOnce, setAtOnce] = useState(phones.length > 20 ? "20" : "");
  const [mistakes, setMistakes] = useState<{ location?: string; atOnce?: string; rows: string[] }>({ rows: [] });
  const [, go] = useLocation();
  const users = useList<UserRow>("/users");
  const owners = phones.map((phone) => extensionOf(phone.assigned_to)).filter((extension) => extension !== "");
  const noPin = users.rows.filter((user) => user.pin === "not set" && owners.includes(user.extension)).map((user) => user.extension);
  return (
    <FormDialog
      title={`Convert ${count(phones.length, "phone")} to hot desking`}
      submit="Convert"
      onClose={onClose}
      onSubmit={async () => {
        if (location === "" && without.length > 0) {
          setMistakes({ location: `Choose a location: ${count(without.length, "phone has", "phones have")} none, and the emergency number hangs on it.`, rows: [] });
          return;
        }
        if (atOnce !== "" && !/^[1-9]\d{0,4}$/.test(atOnce)) {
          setMistakes({ atOnce: "A whole number, or nothing for all at once.", rows: [] });
          return;
        }
        try {
          const done = await post<Done & { number?: number }>(
            "/conversions",
            {
              macs: phones.map((phone) => phone.mac),
              ...(location ? { location } : {}),
              ...(atOnce ? { at_once: Number(atOnce) } : {}),
            },
            { idempotent: true },
          );
          changed("/phones", "/desks", "/conversions", "/users");
          say(done.message ?? "The conversion has begun.");
          onClose();
          const number = done.number ?? /^Conversion (\d+)/.exec(done.message ?? "")?.[1];
          go(number ? `/conversions/${number}` : "/conversions");
        } catch (error) {
          if (error instanceof ApiError && error.fields.length > 0)
            setMistakes({ rows: error.fields.map((one) => (one.row === undefined ? one.detail : `${phones[one.row]?.mac ?? ""}: ${one.detail}`)) });
          throw error;
        }
      }}
    >
      <ul class="steps">
        {owners.length > 0 && <li>The users of {count(owners.length, "phone")} are set to Hot Desking and log in with extension and voicemail PIN.</li>}
        <li>Each phone restarts and comes back showing its location and LOGIN.</li>
        <li>Until a phone is back, its old password is excused: no address is blocked, however long it takes.</li>
      </ul>
      {noPin.length > 0 && <p class="note">{count(noPin.length, "of them has", "of them have")} no voicemail PIN and cannot log in before one is set: {noPin.slice(0, 6).join(", ")}{noPin.length > 6 && " …"}</p>}
      <Select
        label="Location"
        value={location}
        onInput={setLocation}
        mistake={mistakes.location ?? ""}
        autoFocus
        hint="Its number is what emergency calls from these phones show."
      >
        <option value="">{without.length > 0 ? "Choose a location" : "Each stays where it is"}</option>
        {locations.rows.map((one) => <option key={one.name} value={one.name} disabled={one.emergency_number === ""}>{one.label || one.name} ({one.emergency_number || "no emergency number"})</option>)}
      </Select>
      {phones.length > 1 && (
        <Field
          label="At once"
          value={atOnce}
          onInput={setAtOnce}
          inputMode="numeric"
          mistake={mistakes.atOnce ?? ""}
          hint="How many phones may be away at the same time. Empty: all. You can pause at any time."
        />
      )}
      {mistakes.rows.length > 0 && <ul class="mistakes">{mistakes.rows.map((text) => <li key={text}>{text}</li>)}</ul>}
    </FormDialog>
  );
}
