// Locations: where phones stand, and whose help an emergency call from there brings.

import { useMemo, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { Pencil, PhoneCall, Plus, Trash2 } from "lucide-preact";
import { at, call, may, patch, post, remove } from "../api/client";
import { changed, useList } from "../api/lists";
import { problemOf } from "../api/problem";
import type { Done, LocationRow } from "../api/types";
import { count, matches } from "../lib/text";
import { ask, Dialog, FormDialog } from "../ui/dialog";
import { Field } from "../ui/field";
import { Badge, Empty, Loading, PageFrame, Problem } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { complain, say } from "../ui/toast";
import { Tools } from "../ui/tools";
import { ImportDialog } from "./import_dialog";

const NOUN: [string, string] = ["location", "locations"];

const ADDRESS = [
  ["house_number", "House number"], ["street", "Street"], ["city", "City"], ["state", "State"], ["postal_code", "Postal code"],
  ["country", "Country"], ["building", "Building"], ["floor", "Floor"], ["room", "Room"],
] as const;

type Draft = Record<"name" | "label" | "emergency_number" | "networks" | (typeof ADDRESS)[number][0], string>;

function draftOf(row: LocationRow | null): Draft {
  const draft = { name: row?.name ?? "", label: row?.label ?? "", emergency_number: row?.emergency_number ?? "", networks: row?.networks.join(" ") ?? "" } as Draft;
  for (const [field] of ADDRESS) draft[field] = row?.[field] ?? "";
  return draft;
}

function LocationDialog({ row, etag, onClose }: { row: LocationRow | null; etag: string; onClose: () => void }) {
  const before = useMemo(() => draftOf(row), [row]);
  const [draft, setDraft] = useState(before);
  const [error, setError] = useState<unknown>(null);
  const set = (field: keyof Draft) => (value: string) => setDraft({ ...draft, [field]: value });
  const save = async () => {
    const edited = (Object.keys(draft) as (keyof Draft)[]).filter((field) => draft[field] !== before[field] && field !== "name");
    const body: Record<string, unknown> = Object.fromEntries(edited.map((field) => [field, draft[field].trim()]));
    if ("networks" in body) body.networks = draft.networks.split(/[\s,]+/).filter((one) => one !== "");
    try {
      const done = row ? await patch<Done>(at("locations", row.name), body, etag) : await post<Done>("/locations", { name: draft.name.trim(), ...body });
      changed("/locations");
      say(done.message ?? `Location ${draft.name} ${row ? "changed" : "added"}.`);
      onClose();
    } catch (failure) {
      setError(failure);
      throw failure;
    }
  };
  return (
    <FormDialog title={row ? `Change ${row.label || row.name}` : "Add a location"} submit={row ? "Save" : "Add location"} onClose={onClose} onSubmit={save} wide>
      {!row && <Field label="Name" value={draft.name} onInput={set("name")} autoFocus mistake={problemOf(error, "name")} hint="Short and lasting, for instance hq-2. Small letters, digits and dashes." />}
      <div class="grid-2">
        <Field label="Label" value={draft.label} onInput={set("label")} autoFocus={row !== null} mistake={problemOf(error, "label")} hint="Shown at the top right of idle phones." />
        <Field
          label="Emergency number" value={draft.emergency_number} onInput={set("emergency_number")} inputMode="tel" mistake={problemOf(error, "emergency_number")}
          hint="What emergency calls from here show, like +12025550123. It must be registered with this address at your carrier."
        />
      </div>
      <fieldset class="address">
        <legend>Civic address</legend>
        <div class="grid-3">
          {ADDRESS.map(([field, label]) => <Field key={field} label={label} value={draft[field]} onInput={set(field)} mistake={problemOf(error, field)} />)}
        </div>
      </fieldset>
      <Field label="Networks" value={draft.networks} onInput={set("networks")} mistake={problemOf(error, "networks")} hint="Where its phones have their addresses, like 10.20.2.0/24. A phone seen elsewhere is reported as out of place." />
    </FormDialog>
  );
}

function TestCallDialog({ row, onClose }: { row: LocationRow; onClose: () => void }) {
  return (
    <Dialog title={`Test call from ${row.label || row.name}`} onClose={onClose}>
      <div class="dialog-body">
        <ol class="steps">
          <li>Ask your carrier or emergency centre how and when test calls may be made; many have a number of their own for it (in North America often 933).</li>
          <li>Call from a phone at this place, not from another with the same number.</li>
          <li>The answer must say <strong>{row.emergency_number || "(no number is set yet)"}</strong> and <strong>{row.address || "(no address is set yet)"}</strong>.</li>
          <li>Repeat after every move, change of number and change of carrier.</li>
        </ol>
      </div>
      <footer><button type="button" data-autofocus="" onClick={onClose}>Close</button></footer>
    </Dialog>
  );
}

export function Locations() {
  const locations = useList<LocationRow>("/locations");
  const [search, setSearch] = useState("");
  const [editing, setEditing] = useState<{ row: LocationRow | null; etag: string } | null>(null);
  const [testing, setTesting] = useState<LocationRow | null>(null);
  const [importing, setImporting] = useState(false);
  const shown = useMemo(
    () => locations.rows.filter((row) => matches(search, [row.name, row.label, row.emergency_number, row.address, ...row.networks])),
    [locations.rows, search],
  );
  const edit = async (row: LocationRow) => {
    try {
      const answer = await call<LocationRow>("GET", at("locations", row.name));
      setEditing({ row: { ...row, ...answer.data }, etag: answer.etag });
    } catch (error) {
      complain(error);
    }
  };
  const askRemove = (row: LocationRow) =>
    ask({
      title: `Remove ${row.label || row.name}?`,
      action: "Remove",
      danger: true,
      body: row.phones > 0
        ? <p>{count(row.phones, "phone stands", "phones stand")} here. stormdoor refuses while any does: move them first, so that none is without an emergency number.</p>
        : <p>No phone stands here. Its number and address are forgotten.</p>,
      run: async () => {
        await remove(at("locations", row.name));
        changed("/locations", "/phones");
        say(`Location ${row.name} removed.`);
      },
    });
  const columns: Column<LocationRow>[] = [
    { title: "Label", cell: (row) => <strong>{row.label || row.name}</strong>, sort: (row) => row.label || row.name, width: "minmax(140px, 1.2fr)", card: "title" },
    { title: "Name", cell: (row) => row.name, sort: (row) => row.name, width: "minmax(110px, 0.8fr)", card: "hide" },
    { title: "Emergency number", cell: (row) => row.emergency_number ? <span class="mono">{row.emergency_number}</span> : <Badge tone="bad">none</Badge>, sort: (row) => row.emergency_number, width: "160px", card: "badge" },
    { title: "Address", cell: (row) => row.address || <Badge tone="warn">no address</Badge>, sort: (row) => row.address, width: "minmax(180px, 2fr)" },
    { title: "Networks", cell: (row) => <span class="mono">{row.networks.join(" ")}</span>, width: "minmax(120px, 1.2fr)", card: "hide" },
    {
      title: "Phones", end: true, width: "96px", sort: (row) => row.phones,
      cell: (row) => row.phones > 0 ? <Link href={`/setup/phones/desk-phones?role=all&location=${encodeURIComponent(row.name)}`}>{row.phones.toLocaleString("en")}</Link> : "0",
    },
  ];
  return (
    <PageFrame
      trail={[]}
      title="Locations"
      lead="A hot-desk phone has the emergency number of the place where it stands, whoever sits there."
      actions={may("administrator") && (
        <>
          <button type="button" class="secondary" onClick={() => setImporting(true)}>Import</button>
          <button type="button" onClick={() => setEditing({ row: null, etag: "" })}><Plus aria-hidden="true" /> Add location</button>
        </>
      )}
    >
      {locations.error && <Problem text={locations.error} again={locations.reload} />}
      {locations.loading && locations.rows.length === 0 ? <Loading what="Reading the locations" /> : (
        <>
          {locations.rows.length > 0 && <Tools search={search} onSearch={setSearch} what="Search by label, number, address or network" shown={shown.length} total={locations.total} noun={NOUN} />}
          <Table
            caption="Locations" columns={columns} rows={shown} id={(row) => row.name} noun={NOUN}
            {...(may("administrator") ? { open: (row: LocationRow) => void edit(row) } : {})}
            actionsWidth="132px"
            actions={(row) => (
              <>
                <button type="button" class="icon" aria-label={`Test call from ${row.label || row.name}`} title="Test call" onClick={() => setTesting(row)}><PhoneCall aria-hidden="true" /></button>
                {may("administrator") && (
                  <>
                    <button type="button" class="icon" aria-label={`Change ${row.label || row.name}`} title="Change" onClick={() => edit(row)}><Pencil aria-hidden="true" /></button>
                    <button type="button" class="icon" aria-label={`Remove ${row.label || row.name}`} title="Remove" onClick={() => askRemove(row)}><Trash2 aria-hidden="true" /></button>
                  </>
                )}
              </>
            )}
            empty={
              locations.rows.length === 0 && !locations.error ? (
                <Empty title="No locations yet" action={may("administrator") && <button type="button" onClick={() => setEditing({ row: null, etag: "" })}>Add location</button>}>
                  Begin here: a location is a place with one emergency number and one address, for instance a floor. Hot-desk phones cannot exist without one.
                </Empty>
              ) : locations.rows.length > 0 ? <Empty title="None like that">No location fits the search.</Empty> : null
            }
          />
          {locations.rows.length > 0 && (
            <p class="note">
              Have you made a test call from each place since its number or address last changed? <PhoneCall aria-hidden="true" /> in a row says how.
            </p>
          )}
        </>
      )}
      {editing && <LocationDialog row={editing.row} etag={editing.etag} onClose={() => setEditing(null)} />}
      {testing && <TestCallDialog row={testing} onClose={() => setTesting(null)} />}
      {importing && <ImportDialog kind="locations" heading="name,label,emergency_number,house_number,street,city,state,postal_code,country,building,floor,room,networks" onClose={() => setImporting(false)} />}
    </PageFrame>
  );
}
