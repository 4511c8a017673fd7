// Setup > Phones > Hot Desking: every hot-desk phone, who sits there since when, logging in and out.

import { useMemo, useState } from "preact/hooks";
import { Link, useLocation, useSearch } from "wouter-preact";
import { Download, LogIn, LogOut } from "lucide-preact";
import { at, call, may, post } from "../api/client";
import { changed, useList } from "../api/lists";
import type { DeskAppRow, DeskRow, Done, LocationRow, UserRow } from "../api/types";
import { count, matches } from "../lib/text";
import { ask, FormDialog } from "../ui/dialog";
import { Select } from "../ui/field";
import { Badge, Empty, Loading, Mac, PageFrame, Problem, When } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { save } from "../ui/save";
import { complain, say } from "../ui/toast";
import { Filter, Tools } from "../ui/tools";
import { phoneTabs } from "./phone_tabs";

const NOUN: [string, string] = ["hot-desk phone", "hot-desk phones"];

export const stateBadge = (row: DeskRow) =>
  row.call ? <Badge tone={row.call.includes("emergency") ? "bad" : "good"}>{row.call.includes("emergency") ? "Emergency call" : "In a call"}</Badge>
  : row.state === "logged in" ? <Badge tone="good">Logged in</Badge>
  : row.state === "not back" ? <Badge tone="warn">Not back yet</Badge>
  : <Badge tone="quiet">Free</Badge>;

export function whoSits(row: DeskRow): string {
  return row.user ? `${row.extension} ${row.user}` : row.extension;
}

// Logs somebody out, after saying what that means; can be undone by logging in again.
export function askLogOut(row: DeskRow): void {
  ask({
    title: `Log out ${whoSits(row)}?`,
    action: "Log out",
    danger: true,
    body: (
      <p>
        The phone {row.phone} at {row.label || row.location} shows its location and LOGIN again. Its emergency number stays
        that of the location. {row.user || row.extension} can log in at any hot-desk phone.
        {row.call && ` The phone ${row.call}: nobody is logged out before that is over.`}
      </p>
    ),
    run: async () => {
      await post<Done>("/desks/logout", { what: row.phone });
      changed("/desks");
      say(`${whoSits(row)} is logged out.`, !may("administrator") ? undefined : {
        label: "Undo",
        run: () => {
          post(at("desks", row.phone, "login"), { extension: row.extension })
            .then(() => {
              changed("/desks");
              say(`${whoSits(row)} is logged in at ${row.phone} again.`);
            })
            .catch(complain);
        },
      });
    },
  });
}

// Who sat where when, and which number was in force.
async function saveDeskLog(): Promise<void> {
  const answer = await call<string>("GET", "/desk-log", { accept: "text/csv" });
  save("desk-log.csv", answer.data);
}

export function LogInDialog({ row, onClose }: { row: DeskRow; onClose: () => void }) {
  const users = useList<UserRow>("/users");
  const desks = useList<DeskRow>("/desks");
  const [extension, setExtension] = useState("");
  const able = users.rows.filter((user) => user.main_phone === "hot-desking");
  const elsewhere = desks.rows.find((desk) => desk.extension === extension && desk.phone !== row.phone);
  return (
    <FormDialog
      title={`Log somebody in at ${row.label || row.location}`}
      submit="Log in"
      disabled={extension === ""}
      onClose={onClose}
      onSubmit={async () => {
        await post<Done>(at("desks", row.phone, "login"), { extension });
        changed("/desks");
        say(`${extension} is logged in at ${row.phone}.`);
        onClose();
      }}
    >
      <Select label="User" value={extension} onInput={setExtension} autoFocus hint="Users whose main extension is set to Hot Desking.">
        <option value="">Choose a user</option>
        {able.map((user) => <option key={user.extension} value={user.extension}>{user.extension} {user.name}</option>)}
      </Select>
      {able.length === 0 && !users.loading && (
        <p class="note">No user may hot desk yet. <Link href="/setup/manage">Enable it under Setup › Manage</Link>.</p>
      )}
      {elsewhere && <p class="note">{extension} is logged in at {elsewhere.phone} ({elsewhere.label}) and will be logged out there.</p>}
    </FormDialog>
  );
}

// Phones whose login screen is an app, while some of them have none.
function MissingScreens() {
  const apps = useList<DeskAppRow>("/desk-apps");
  const missing = apps.rows.filter((row) => row.installed !== row.version);
  if (missing.length === 0) return null;
  const give = async () => {
    try {
      const done = await post<Done>("/desk-apps/push", { macs: missing.map((row) => row.phone) });
      changed("/desk-apps");
      say(done.message ?? "They will be given their login screen.");
    } catch (error) {
      complain(error);
    }
  };
  return (
    <details class="note">
      <summary>
        {count(missing.length, "phone has", "phones have")} no login screen yet, of {apps.rows.length.toLocaleString("en")} that
        show it by an app.
      </summary>
      <ul>
        {missing.slice(0, 20).map((row) => <li key={row.phone}><Link href={`/phones/${encodeURIComponent(row.phone)}`}>{row.phone}</Link> {row.location}: {row.state}</li>)}
        {missing.length > 20 && <li>and {(missing.length - 20).toLocaleString("en")} more</li>}
      </ul>
      {may("helpdesk") && <button type="button" class="secondary small" onClick={give}>Give it to them now</button>}
    </details>
  );
}

export function HotDesking() {
  const desks = useList<DeskRow>("/desks");
  const locations = useList<LocationRow>("/locations");
  const asked = new URLSearchParams(useSearch());
  const [search, setSearch] = useState(asked.get("search") ?? "");
  const [location, setLocation] = useState(asked.get("location") ?? "");
  const [state, setState] = useState("");
  const [signing, setSigning] = useState<DeskRow | null>(null);
  const [, go] = useLocation();

  const shown = useMemo(
    () =>
      desks.rows.filter(
        (row) =>
          (location === "" || row.location === location) && (state === "" || row.state === state) &&
          matches(search, [row.phone, row.model, row.label, row.location, row.extension, row.user]),
      ),
    [desks.rows, search, location, state],
  );
  const taken = desks.rows.filter((row) => row.state === "logged in").length;
  const inLocation = shown.filter((row) => row.state === "logged in");

  const columns: Column<DeskRow>[] = [
    { title: "Location", cell: (row) => <span class="two"><span>{row.label || row.location}</span></span>, sort: (row) => row.label || row.location, width: "minmax(140px, 1.4fr)", card: "title" },
    { title: "State", cell: stateBadge, sort: (row) => row.state, width: "120px", card: "badge" },
    { title: "Who sits here", cell: (row) => (row.extension ? <Link href={`/setup/manage/${row.extension}`}>{whoSits(row)}</Link> : <span class="quiet">nobody</span>), sort: (row) => row.extension || "~", width: "minmax(150px, 1.6fr)" },
    { title: "Since", cell: (row) => <When time={row.since} />, sort: (row) => row.since, width: "110px" },
    { title: "Phone", cell: (row) => <Mac mac={row.phone} />, sort: (row) => row.phone, width: "170px" },
    { title: "Model", cell: (row) => row.model, sort: (row) => row.model, width: "minmax(90px, 0.7fr)", card: "hide" },
  ];

  const askAll = () =>
    ask({
      title: `Log out ${count(inLocation.length, "person", "people")} ${location ? `at ${inLocation[0]?.label || location}` : "everywhere"}?`,
      action: "Log out",
      danger: true,
      body: <p>Their phones show the location and LOGIN again. Everybody can log in again with extension and PIN.</p>,
      run: async () => {
        const done = await post<Done>("/desks/logout", location ? { location } : { all: true });
        changed("/desks");
        say(done.message ?? "They are logged out.");
      },
    });

  return (
    <PageFrame
      trail={["Setup", "Phones"]}
      title="Hot Desking"
      tabs={phoneTabs("hot")}
      lead={desks.rows.length > 0 && `${taken.toLocaleString("en")} of ${count(desks.total, ...NOUN)} in use`}
      actions={
        <>
          {desks.rows.length > 0 && <button type="button" class="secondary" onClick={() => saveDeskLog().catch(complain)}><Download aria-hidden="true" /> Desk log</button>}
          {may("helpdesk") && inLocation.length > 0 && search === "" && state === "" && (
            <button type="button" class="secondary" onClick={askAll}>
              {location ? "Log out this location" : "Log out everybody"}
            </button>
          )}
          {may("administrator") && (
            <Link href="/setup/phones/quick-create?hot-desk" class="button">Add hot-desk phones</Link>
          )}
        </>
      }
    >
      {desks.error && <Problem text={desks.error} again={desks.reload} />}
      <MissingScreens />
      {desks.loading && desks.rows.length === 0 ? <Loading what="Reading the hot desks" /> : (
        <>
          {desks.rows.length > 0 && (
            <Tools search={search} onSearch={setSearch} what="Search by MAC, user or location" shown={shown.length} total={desks.total} noun={NOUN} loading={desks.loading}>
              <Filter label="Displaying" value={location} onInput={setLocation}>
                <option value="">All locations</option>
                {locations.rows.map((one) => <option key={one.name} value={one.name}>{one.label || one.name}</option>)}
              </Filter>
              <Filter label="State" value={state} onInput={setState}>
                <option value="">Any</option>
                <option value="logged in">Logged in</option>
                <option value="idle">Free</option>
                <option value="not back">Not back yet</option>
              </Filter>
            </Tools>
          )}
          <Table
            caption="Hot-desk phones"
            columns={columns}
            rows={shown}
            id={(row) => row.phone}
            noun={NOUN}
            open={(row) => go(`/phones/${encodeURIComponent(row.phone)}`)}
            actionsWidth="124px"
            {...(may("helpdesk")
              ? {
                  actions: (row: DeskRow) =>
                    row.state === "logged in" ? (
                      <button type="button" class="small secondary" aria-label={`Log out ${whoSits(row)}`} onClick={() => askLogOut(row)}>
                        <LogOut aria-hidden="true" /> Log out
                      </button>
                    ) : row.state === "idle" && may("administrator") ? (
                      <button type="button" class="small text" aria-label={`Log in at ${row.phone}`} onClick={() => setSigning(row)}>
                        <LogIn aria-hidden="true" /> Log in
                      </button>
                    ) : null,
                }
              : {})}
            empty={
              desks.rows.length === 0 && !desks.error ? (
                <Empty
                  title="No hot-desk phones yet"
                  action={may("administrator") && <Link href="/setup/phones/quick-create?hot-desk" class="button">Add hot-desk phones</Link>}
                >
                  A hot-desk phone belongs to a place instead of a person: whoever sits down logs in with extension and
                  voicemail PIN. Add new phones here, or choose phones under Desk Phones and convert them.
                </Empty>
              ) : desks.rows.length > 0 ? (
                <Empty title="None like that" action={<button type="button" class="secondary" onClick={() => { setSearch(""); setLocation(""); setState(""); }}>Show all</button>}>
                  No hot-desk phone fits the search and filters.
                </Empty>
              ) : null
            }
          />
        </>
      )}
      {signing && <LogInDialog row={signing} onClose={() => setSigning(null)} />}
    </PageFrame>
  );
}
