// Setup > Phones > Desk Phones: every phone, whose it is; the red X, and Convert to hot desking.

import { useMemo, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { navigate } from "wouter-preact/use-browser-location";
import { Armchair, RotateCw, Trash2, X } from "lucide-preact";
import { at, may, post, put, remove } from "../api/client";
import { changed, useList } from "../api/lists";
import type { Done, LocationRow, PhoneRow, Restarts, UserRow } from "../api/types";
import { isByHand, isRestarting, restartWords, stateOf } from "../lib/restarts";
import { count, extensionOf, matches } from "../lib/text";
import { mainMac, whyAdditional } from "../lib/users";
import { ask, FormDialog, unask } from "../ui/dialog";
import { Select } from "../ui/field";
import { Badge, Empty, Loading, Mac, PageFrame, Problem, When } from "../ui/parts";
import { useQueryValue } from "../ui/query";
import { Table, type Column } from "../ui/table";
import { complain, say } from "../ui/toast";
import { Chosen, Filter, Tools } from "../ui/tools";
import { ConvertDialog } from "./convert_dialog";
import { phoneTabs } from "./phone_tabs";

const NOUN: [string, string] = ["phone", "phones"];
const BY_HAND = "/setup/phones/desk-phones?role=all&restart=by-hand";

export const roleBadge = (role: PhoneRow["role"]) =>
  role === "hot-desk" ? <Badge tone="info">Hot desk</Badge>
  : role === "desk" ? <Badge tone="good">Desk phone</Badge>
  : <Badge tone="quiet">Unassigned</Badge>;

// Tells phones to restart, and people what comes of it.
export async function restart(macs: string[]): Promise<void> {
  const { items } = await post<Restarts>("/phone-restarts", { macs });
  changed("/phones");
  const byHand = items.some((item) => isByHand(item.restart));
  say(restartWords(items), byHand && macs.length > 1 ? { label: "Show them", run: () => navigate(BY_HAND) } : undefined);
}

// The red X of the guide. Nothing has to be quick afterwards, and it says so.
export function askUnassign(phone: PhoneRow, user: UserRow | undefined, convert: () => void): void {
  const extension = extensionOf(phone.assigned_to);
  const isMain = user === undefined || mainMac(user) === phone.mac;
  ask({
    title: `Delete the assignment of ${phone.mac}?`,
    action: "Delete assignment",
    danger: true,
    body: (
      <>
        <p>
          The account of {phone.assigned_to} leaves this phone, and the phone restarts. Its old password is excused until it
          is back, so no address gets blocked and there is nothing to be quick about.
          {isMain && user && ` ${user.name || extension} then has no main phone.`}
        </p>
        <p class="note">
          Going to make it a hot-desk phone?{" "}
          <button type="button" class="text" onClick={() => { unask(); convert(); }}>Convert it in one step instead</button>
        </p>
      </>
    ),
    run: async () => {
      await remove<Done>(at("phones", phone.mac, "assignment"));
      changed("/phones", "/users", "/leases");
      say(`${phone.mac} is nobody's now.`, {
        label: "Undo",
        run: () => {
          put(at("phones", phone.mac, "assignment"), { extension, additional: !isMain })
            .then(() => {
              changed("/phones", "/users");
              say(`${phone.mac} belongs to ${extension} again.`);
            })
            .catch(complain);
        },
      });
    },
  });
}

export function AssignDialog({ phone, onClose }: { phone: PhoneRow; onClose: () => void }) {
  const users = useList<UserRow>("/users");
  const [extension, setExtension] = useState("");
  const user = users.rows.find((one) => one.extension === extension);
  const why = user ? whyAdditional(user) : "";
  return (
    <FormDialog
      title={`Assign ${phone.mac}`}
      submit="Assign"
      disabled={extension === ""}
      onClose={onClose}
      onSubmit={async () => {
        await put<Done>(at("phones", phone.mac, "assignment"), { extension, additional: why !== "" });
        changed("/phones", "/users");
        say(`${phone.mac} now belongs to ${extension}.`);
        onClose();
      }}
    >
      <Select label="User" value={extension} onInput={setExtension} autoFocus>
        <option value="">Choose a user</option>
        {users.rows.map((one) => <option key={one.extension} value={one.extension}>{one.extension} {one.name}</option>)}
      </Select>
      {why && <p class="note">{why}</p>}
    </FormDialog>
  );
}

export function DeskPhones() {
  const phones = useList<PhoneRow>("/phones");
  const users = useList<UserRow>("/users");
  const locations = useList<LocationRow>("/locations");
  const [search, setSearch] = useQueryValue("search");
  const [location, setLocation] = useQueryValue("location");
  const [role, setRole] = useQueryValue("role");
  const [restarting, setRestarting] = useQueryValue("restart");
  const [chosen, setChosen] = useState<Set<string>>(new Set());
  const [converting, setConverting] = useState<PhoneRow[] | null>(null);
  const [assigning, setAssigning] = useState<PhoneRow | null>(null);
  const [, go] = useLocation();

  const shown = useMemo(
    () =>
      phones.rows.filter(
        (row) =>
          (location === "" || row.location === location) &&
          (role === "" ? row.role !== "hot-desk" : role === "all" || row.role === role) &&
          (restarting === "" || (restarting === "by-hand" ? isByHand(row.restart) : isRestarting(row.restart))) &&
          matches(search, [row.mac, row.vendor, row.model, row.location, row.assigned_to, row.role]),
      ),
    [phones.rows, search, location, role, restarting],
  );
  const picked = useMemo(() => phones.rows.filter((row) => chosen.has(row.mac)), [phones.rows, chosen]);
  const removable = picked.filter((row) => row.assigned_to === "");
  const convertible = picked.filter((row) => row.role !== "hot-desk");
  const names = useMemo(() => new Map(locations.rows.map((one) => [one.name, one.label || one.name])), [locations.rows]);

  const unassign = (row: PhoneRow) =>
    askUnassign(row, users.rows.find((user) => user.extension === extensionOf(row.assigned_to)), () => setConverting([row]));

  const columns: Column<PhoneRow>[] = [
    { title: "MAC address", cell: (row) => <Mac mac={row.mac} />, sort: (row) => row.mac, width: "180px", card: "title" },
    { title: "Kind", cell: (row) => roleBadge(row.role), sort: (row) => row.role, width: "118px", card: "badge" },
    {
      title: "Assigned to",
      cell: (row) =>
        row.assigned_to ? <Link href={`/setup/manage/${extensionOf(row.assigned_to)}`}>{row.assigned_to}</Link>
        : row.role === "hot-desk" ? <span class="quiet">whoever logs in</span> : <span class="quiet">nobody</span>,
      sort: (row) => row.assigned_to || "~",
      width: "minmax(160px, 1.6fr)",
      card: restarting === "" ? "line" : "hide",
    },
    { title: "Location", cell: (row) => names.get(row.location) ?? (row.location || <span class="quiet">none</span>), sort: (row) => names.get(row.location) ?? row.location, width: "minmax(110px, 1fr)" },
    restarting === ""
      ? { title: "Model", cell: (row) => `${row.vendor} ${row.model}`.trim(), sort: (row) => `${row.vendor} ${row.model}`, width: "minmax(120px, 1fr)", card: "hide" }
      : { title: "Restart", cell: (row) => <span title={row.restart}>{stateOf(row.restart)}</span>, sort: (row) => stateOf(row.restart), width: "minmax(200px, 3.6fr)" },
    { title: "Last seen", cell: (row) => (row.last_seen_at ? <When time={row.last_seen_at} /> : <span class="quiet">{row.last_seen}</span>), sort: (row) => row.last_seen_at ?? "", width: "120px", card: "hide" },
  ];

  const askRemove = () =>
    ask({
      title: `Remove ${count(removable.length, "phone")}?`,
      action: "Remove",
      danger: true,
      body: (
        <>
          <p>
            {removable.length === 1 ? "It gets" : "They get"} no configuration any more. This cannot be undone here; you can add {removable.length === 1 ? "it" : "them"} again.
          </p>
          <ul class="macs">{removable.slice(0, 8).map((row) => <li key={row.mac}>{row.mac}</li>)}</ul>
          {removable.length > 8 && <p>… and {removable.length - 8} more.</p>}
          {removable.length < picked.length && <p class="note">{count(picked.length - removable.length, "phone belongs to a user and stays", "phones belong to users and stay")}; delete the assignment first.</p>}
        </>
      ),
      run: async () => {
        await post<Done>("/phone-removals", { macs: removable.map((row) => row.mac) });
        changed("/phones", "/users", "/desks");
        setChosen(new Set());
        say(`${count(removable.length, "phone")} removed.`);
      },
    });

  const askReboot = () =>
    ask({
      title: `Restart ${count(picked.length, "phone")}?`,
      action: "Restart",
      body: <p>Phones that are in a call restart after it, if their maker made them so. They fetch their configuration anew.</p>,
      run: async () => {
        await restart(picked.map((row) => row.mac));
        setChosen(new Set());
      },
    });

  return (
    <PageFrame
      trail={["Setup", "Phones"]}
      title="Desk Phones"
      tabs={phoneTabs("desk")}
      lead="Phones of all vendors."
      actions={may("administrator") && <Link href="/setup/phones/quick-create" class="button">Quick-Create Assignments</Link>}
    >
      {phones.error && <Problem text={phones.error} again={phones.reload} />}
      {phones.loading && phones.rows.length === 0 ? <Loading what="Reading the phones" /> : (
        <>
          {phones.rows.length > 0 && (
            <Tools search={search} onSearch={setSearch} what="Search by MAC, user, model or location" shown={shown.length} total={phones.total} noun={NOUN} loading={phones.loading}>
              <Filter label="Displaying" value={location} onInput={setLocation}>
                <option value="">All locations</option>
                {locations.rows.map((one) => <option key={one.name} value={one.name}>{one.label || one.name}</option>)}
              </Filter>
              <Filter label="Kind" value={role} onInput={setRole}>
                <option value="">Without hot desks</option>
                <option value="desk">Desk phones</option>
                <option value="unassigned">Unassigned</option>
                <option value="hot-desk">Hot desks</option>
                <option value="all">All</option>
              </Filter>
              {(restarting !== "" || phones.rows.some((row) => isRestarting(row.restart))) && (
                <Filter label="Restart" value={restarting} onInput={setRestarting}>
                  <option value="">Any</option>
                  <option value="restarting">Restarting</option>
                  <option value="by-hand">To restart by hand</option>
                </Filter>
              )}
            </Tools>
          )}
          <Chosen number={picked.length} noun={NOUN} clear={() => setChosen(new Set())}>
            <button type="button" class="small" disabled={convertible.length === 0} onClick={() => setConverting(convertible)}>
              <Armchair aria-hidden="true" /> Convert to hot desking
            </button>
            <button type="button" class="small secondary" onClick={askReboot}>
              <RotateCw aria-hidden="true" /> Restart
            </button>
            {may("administrator") && (
              <button type="button" class="small danger-text" disabled={removable.length === 0} title={removable.length === 0 ? "First delete their assignments" : undefined} onClick={askRemove}>
                <Trash2 aria-hidden="true" /> Remove
              </button>
            )}
          </Chosen>
          <Table
            caption="Desk phones"
            columns={columns}
            rows={shown}
            id={(row) => row.mac}
            noun={NOUN}
            open={(row) => go(`/phones/${encodeURIComponent(row.mac)}`)}
            {...(may("helpdesk") ? { chosen, choose: setChosen } : {})}
            {...(may("administrator")
              ? {
                  actionsWidth: "92px",
                  actions: (row: PhoneRow) =>
                    row.assigned_to ? (
                      <button type="button" class="icon red-x" aria-label={`Delete the assignment of ${row.mac}`} title="Delete the assignment" onClick={() => unassign(row)}>
                        <X aria-hidden="true" />
                      </button>
                    ) : row.role === "unassigned" ? (
                      <button type="button" class="small text" aria-label={`Assign ${row.mac}`} onClick={() => setAssigning(row)}>Assign</button>
                    ) : null,
                }
              : {})}
            empty={
              phones.rows.length === 0 && !phones.error ? (
                <Empty
                  title="No phones yet"
                  action={
                    <>
                      {locations.rows.length === 0 && <Link href="/locations" class="button secondary">First add a location</Link>}
                      {may("administrator") && <Link href="/setup/phones/quick-create" class="button">Quick-Create Assignments</Link>}
                    </>
                  }
                >
                  Type or paste the MAC addresses of your phones, say where they stand and whose they are. A phone that asks
                  for its configuration then gets its own.
                </Empty>
              ) : phones.rows.length > 0 ? (
                <Empty title="None like that" action={<button type="button" class="secondary" onClick={() => { setSearch(""); setLocation(""); setRole("all"); setRestarting(""); }}>Show all</button>}>
                  No phone fits the search and filters. Hot-desk phones are under Hot Desking.
                </Empty>
              ) : null
            }
          />
        </>
      )}
      {converting && (
        <ConvertDialog
          phones={converting}
          onClose={() => {
            setConverting(null);
            setChosen(new Set());
          }}
        />
      )}
      {assigning && <AssignDialog phone={assigning} onClose={() => setAssigning(null)} />}
    </PageFrame>
  );
}
