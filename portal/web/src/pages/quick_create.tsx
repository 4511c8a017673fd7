// Quick-Create Assignments: one location and kind for all, a row per phone, or a pasted list.

import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { Link, useLocation, useSearch } from "wouter-preact";
import { ClipboardPaste, FileUp, Plus, Trash2 } from "lucide-preact";
import { may, post } from "../api/client";
import { changed, useList } from "../api/lists";
import { ApiError, wordsOf } from "../api/problem";
import type { Done, LocationRow, PhoneRow, UserRow } from "../api/types";
import {
  emptyRow, isEmpty, mistakesOf, placesOf, requestOf, rowsFromPaste, type AssignmentField, type AssignmentRow, type RowMistakes,
} from "../lib/assignments";
import { textOf } from "../lib/file";
import { canonicalMac } from "../lib/mac";
import { count } from "../lib/text";
import { Dialog } from "../ui/dialog";
import { Select, Toggle } from "../ui/field";
import { PageFrame } from "../ui/parts";
import { complain, say } from "../ui/toast";
import { NotForYou } from "./nowhere";
import { phoneTabs } from "./phone_tabs";

const MOST_ROWS = 5000;
// Rows with inputs: the first ones, and of the rest the last and those with a mistake. All are counted,
// checked and sent all the same.
const DRAWN = 200;
const MOST_MISTAKES_DRAWN = 100;

function Cell(props: {
  row: number; label: string; value: string; mistake: string; onInput: (value: string) => void;
  disabled?: boolean; list?: string; wide?: boolean; inputMode?: "numeric"; placeholder?: string;
  onPaste?: (text: string) => boolean; onLeave?: () => void;
}) {
  const id = useId();
  return (
    <div class={`cell ${props.wide ? "wide" : ""}`}>
      <label for={id}>{props.label}<span class="hidden-words"> of row {props.row + 1}</span></label>
      <input
        id={id}
        value={props.value}
        disabled={props.disabled}
        list={props.list}
        inputMode={props.inputMode}
        placeholder={props.placeholder}
        spellcheck={false}
        autoComplete="off"
        aria-invalid={props.mistake ? "true" : undefined}
        aria-describedby={props.mistake ? `${id}-mistake` : undefined}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        onBlur={(event) => {
          // A button that is being pressed must not move away under the pointer.
          if (!(event.relatedTarget instanceof HTMLButtonElement)) props.onLeave?.();
        }}
        onPaste={(event) => {
          const text = event.clipboardData?.getData("text") ?? "";
          if (props.onPaste?.(text)) event.preventDefault();
        }}
      />
      {props.mistake && <small id={`${id}-mistake`} class="mistake">{props.mistake}</small>}
    </div>
  );
}

function PasteDialog({ onClose, take }: { onClose: () => void; take: (text: string) => void }) {
  const [text, setText] = useState("");
  const found = useMemo(() => rowsFromPaste(text), [text]);
  const id = useId();
  return (
    <Dialog title="Paste a list" onClose={onClose} wide firm>
      <div class="dialog-body">
        <label for={id}>One phone a line</label>
        <textarea
          id={id}
          rows={10}
          data-autofocus=""
          class="mono"
          spellcheck={false}
          placeholder={"00:0F:D3:05:48:48\n00-0f-d3-05-48-49, 2041\nmac,extension,location\n…"}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <p class="small">
          MAC addresses in any spelling, cells of a spreadsheet, or CSV with a heading: mac, extension, vendor, model, location.
        </p>
        <p role="status">{text.trim() === "" ? "Nothing pasted yet." : `${count(found.length, "phone")} found.`}</p>
      </div>
      <footer>
        <button type="button" class="secondary" onClick={onClose}>Cancel</button>
        <button type="button" disabled={found.length === 0} onClick={() => { take(text); onClose(); }}>
          Add {count(found.length, "row")}
        </button>
      </footer>
    </Dialog>
  );
}

export function QuickCreate() {
  const locations = useList<LocationRow>("/locations");
  const phones = useList<PhoneRow>("/phones");
  const users = useList<UserRow>("/users");
  const asked = new URLSearchParams(useSearch());
  const [location, setLocation] = useState(asked.get("location") ?? "");
  const [hotDesk, setHotDesk] = useState(asked.has("hot-desk"));
  const [rows, setRows] = useState<AssignmentRow[]>([{ ...emptyRow(), mac: asked.get("mac") ?? "" }]);
  const [left, setLeft] = useState<Set<AssignmentRow>>(new Set()); // rows that were left once: mistakes may show
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<{ rows: Map<AssignmentRow, RowMistakes>; all: string; location: string }>({ rows: new Map(), all: "", location: "" });
  const [busy, setBusy] = useState(false);
  const [pasting, setPasting] = useState(false);
  const [, go] = useLocation();
  const form = useRef<HTMLFormElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const focusNext = useRef<string | null>(null);

  const choice = { location, hotDesk };
  const known = useMemo(
    () => ({
      macs: new Set(phones.rows.map((phone) => phone.mac)),
      extensions: new Set(users.rows.map((user) => user.extension)),
      locations: placesOf(locations.rows),
    }),
    [phones.rows, users.rows, locations.rows],
  );
  const wrong = useMemo(() => mistakesOf(rows, choice, known), [rows, location, hotDesk, known]);
  const filled = rows.filter((row) => !isEmpty(row));
  const needsLocation = hotDesk && location === "" && filled.some((row) => row.location === "");
  const mistakes = wrong.filter((one) => Object.keys(one).length > 0).length;
  // A row that was drawn stays while it is being mended.
  const beyond = useRef(new Set<number>());
  const drawn = rows.map((_, index) => index).filter((index) => {
    if (index < DRAWN || index === rows.length - 1 || beyond.current.has(index)) return true;
    if (Object.keys(wrong[index] ?? {}).length === 0 || beyond.current.size >= MOST_MISTAKES_DRAWN) return false;
    return beyond.current.add(index);
  });
  const vendors = useMemo(() => [...new Set(phones.rows.map((phone) => phone.vendor).filter(Boolean))].sort(), [phones.rows]);
  const models = useMemo(() => [...new Set(phones.rows.map((phone) => phone.model).filter(Boolean))].sort(), [phones.rows]);

  useEffect(() => {
    if (!focusNext.current) return;
    const next = form.current?.querySelector<HTMLElement>(focusNext.current);
    if (!next) return; // of a rendering before the new row's
    next.focus();
    focusNext.current = null;
  });

  const edit = (index: number, field: AssignmentField, value: string) => {
    setRefused({ ...refused, all: "" });
    setRows(rows.map((row, at) => {
      if (at !== index) return row;
      const next = { ...row, [field]: value };
      if (left.has(row)) setLeft((before) => new Set(before).add(next));
      return next;
    }));
  };
  const leave = (index: number) => {
    const row = rows[index];
    if (!row || isEmpty(row)) return;
    const mac = canonicalMac(row.mac);
    const tidy = mac && mac !== row.mac ? { ...row, mac } : row;
    if (tidy !== row) setRows(rows.map((one) => (one === row ? tidy : one)));
    setLeft((before) => new Set(before).add(tidy));
  };
  const addRow = () => {
    focusNext.current = `[data-row="${rows.length}"] input`;
    setRows([...rows, emptyRow()]);
  };
  const take = (text: string) => {
    const found = rowsFromPaste(text);
    if (found.length === 0) {
      complain("No phone was found in it.");
      return;
    }
    const kept = rows.filter((row) => !isEmpty(row));
    if (kept.length + found.length > MOST_ROWS) {
      complain(`At most ${MOST_ROWS.toLocaleString("en")} phones at a time; this would be ${(kept.length + found.length).toLocaleString("en")}.`);
      return;
    }
    beyond.current.clear();
    setRows([...kept, ...found]);
    setLeft((before) => new Set([...before, ...found]));
    say(`${count(found.length, "row")} added. Nothing is created until you press Create.`);
  };
  const mistake = (index: number, field: AssignmentField): string => {
    const row = rows[index]!;
    const said = refused.rows.get(row)?.[field];
    if (said) return said;
    return tried || left.has(row) ? (field === "location" && row.location === "" ? "" : (wrong[index]?.[field] ?? "")) : "";
  };
  const focusMistake = () => requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());

  const submit = async (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (filled.length === 0) {
      setRefused({ rows: new Map(), all: "Type or paste at least one MAC address.", location: "" });
      form.current?.querySelector<HTMLElement>("[data-row] input")?.focus();
      return;
    }
    if (mistakes > 0 || needsLocation) {
      focusMistake();
      return;
    }
    setBusy(true);
    try {
      const done = await post<Done>("/phones", { phones: filled.map((row) => requestOf(row, choice, known.locations)) }, { idempotent: true });
      changed("/phones", "/users", "/desks", "/locations");
      say(done.message ?? `${count(filled.length, "phone")} added.`);
      go(hotDesk ? "/setup/phones/hot-desking" : "/setup/phones/desk-phones");
    } catch (error) {
      const byRow = new Map<AssignmentRow, RowMistakes>();
      const others: string[] = [];
      let atLocation = "";
      for (const one of error instanceof ApiError ? error.fields : []) {
        const row = one.row === undefined ? undefined : filled[one.row];
        const field = one.field in emptyRow() ? (one.field as AssignmentField) : "mac";
        if (row) byRow.set(row, { ...byRow.get(row), [field]: one.detail });
        else if (one.field === "location") atLocation = one.detail;
        else others.push(one.detail);
      }
      setRefused({ rows: byRow, all: byRow.size > 0 ? others.join(" ") : others.join(" ") || wordsOf(error), location: atLocation });
      setBusy(false);
      focusMistake();
    }
  };

  if (!may("administrator"))
    return <NotForYou trail={["Setup", "Phones", "Desk Phones"]} title="Quick-Create Assignments">Only administrators add phones.</NotForYou>;

  return (
    <PageFrame
      trail={["Setup", "Phones", "Desk Phones"]}
      title="Quick-Create Assignments"
      tabs={phoneTabs("desk")}
      lead="Add phones before they are plugged in. All rows are created together, or none."
    >
      <form ref={form} class="quick" onSubmit={submit} noValidate>
        <section class="card quick-head">
          <Select
            label="Location"
            value={location}
            onInput={(value) => { setLocation(value); setRefused({ ...refused, location: "" }); }}
            mistake={refused.location || (tried && needsLocation ? "A hot-desk phone needs a location: its emergency number hangs on it." : "")}
            hint={hotDesk ? "Its emergency number is the one that calls from these phones show." : "Where these phones stand; may stay empty for desk phones."}
          >
            <option value="">{hotDesk ? "Choose a location" : "None"}</option>
            {locations.rows.map((one) => <option key={one.name} value={one.name}>{one.label || one.name} ({one.emergency_number || "no emergency number"})</option>)}
          </Select>
          <Toggle
            label="Assign for Hot Desking"
            on={hotDesk}
            onInput={setHotDesk}
            hint={hotDesk ? "These phones belong to the place. Users log in at them, so no extension is given." : "Off: a phone may be given to a user by extension."}
          />
        </section>
        {!locations.loading && locations.rows.length === 0 && (
          <p class="note">There is no location yet. <Link href="/locations">Add one first</Link>: hot-desk phones need its emergency number.</p>
        )}
        <div class="quick-tools">
          <button type="button" class="secondary" onClick={() => setPasting(true)}><ClipboardPaste aria-hidden="true" /> Paste a list</button>
          <button type="button" class="secondary" onClick={() => file.current?.click()}><FileUp aria-hidden="true" /> Read a CSV file</button>
          <input
            ref={file}
            type="file"
            accept=".csv,.txt,text/csv,text/plain"
            hidden
            onChange={async (event) => {
              const one = event.currentTarget.files?.[0];
              if (one) take(await textOf(one));
              event.currentTarget.value = "";
            }}
          />
          <p class="shown" role="status">
            {count(filled.length, "phone")}
            {(tried || left.size > 0) && mistakes > 0 && <>, <strong class="mistake">{count(mistakes, "row has", "rows have")} a mistake</strong></>}
          </p>
        </div>
        <div class="quick-rows">
          {drawn.map((index) => [index, rows[index]!] as const).map(([index, row]) => (
            <fieldset class="quick-row" key={index} data-row={index}>
              <legend class="hidden-words">Phone {index + 1}</legend>
              <span class="row-number" aria-hidden="true">{index + 1}</span>
              <Cell
                row={index} label="MAC Address" value={row.mac} wide mistake={mistake(index, "mac")} placeholder="00:0F:D3:05:48:48"
                onInput={(value) => edit(index, "mac", value)} onLeave={() => leave(index)}
                onPaste={(text) => {
                  if (!/[\n\t,;]/.test(text.trim())) return false;
                  take(text);
                  return true;
                }}
              />
              <Cell
                row={index} label="Extension" value={hotDesk ? "" : row.extension} mistake={hotDesk ? "" : mistake(index, "extension")} disabled={hotDesk} inputMode="numeric"
                list="users" placeholder={hotDesk ? "logs in" : ""} onInput={(value) => edit(index, "extension", value)}
              />
              <Cell row={index} label="Vendor" value={row.vendor} mistake={mistake(index, "vendor")} list="vendors" placeholder="by its MAC" onInput={(value) => edit(index, "vendor", value)} />
              <Cell row={index} label="Model" value={row.model} mistake={mistake(index, "model")} list="models" placeholder="when it asks" onInput={(value) => edit(index, "model", value)} />
              <Cell row={index} label="Location" value={row.location} mistake={mistake(index, "location")} list="locations" placeholder={location || "as above"} onInput={(value) => edit(index, "location", value)} />
              <button
                type="button"
                class="icon"
                aria-label={`Remove row ${index + 1}`}
                disabled={rows.length === 1 && isEmpty(row)}
                onClick={() => {
                  beyond.current.clear();
                  setRows(rows.length === 1 ? [emptyRow()] : rows.filter((_, at) => at !== index));
                }}
              >
                <Trash2 aria-hidden="true" />
              </button>
            </fieldset>
          ))}
          {rows.length > drawn.length && <p class="note">{count(rows.length - drawn.length, "more row", "more rows")} from your list, without a mistake. All are checked and created together.</p>}
          <datalist id="users">{users.rows.map((user) => <option key={user.extension} value={user.extension}>{user.name}</option>)}</datalist>
          <datalist id="vendors">{vendors.map((vendor) => <option key={vendor} value={vendor} />)}</datalist>
          <datalist id="models">{models.map((model) => <option key={model} value={model} />)}</datalist>
          <datalist id="locations">{locations.rows.map((one) => <option key={one.name} value={one.label || one.name} />)}</datalist>
        </div>
        <button type="button" class="text add-row" onClick={addRow}><Plus aria-hidden="true" /> Add Row</button>
        {refused.all && <p class="error-line" role="alert">{refused.all}</p>}
        <footer class="form-foot">
          <Link href="/setup/phones/desk-phones" class="button secondary">Cancel</Link>
          <button type="submit" aria-busy={busy} disabled={busy}>
            {filled.length === 0 ? "Create" : `Create ${count(filled.length, hotDesk ? "hot-desk phone" : "phone")}`}
          </button>
        </footer>
      </form>
      {pasting && <PasteDialog onClose={() => setPasting(false)} take={take} />}
    </PageFrame>
  );
}
