// Setup > Manage: users, and which phones they have.

import { useMemo, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { Armchair, KeyRound, MonitorSmartphone, Pencil, Trash2, UserPlus } from "lucide-preact";
import { at, call, may, patch, post, put, remove, type Answer } from "../api/client";
import { changed, useList, useOne } from "../api/lists";
import { ApiError, problemOf, wordsOf } from "../api/problem";
import type { DeskRow, Done, EmergencyRow, MainPhone, PhoneRow, UserRow } from "../api/types";
import { count, matches } from "../lib/text";
import { mainMac } from "../lib/users";
import { ask, Dialog, FormDialog } from "../ui/dialog";
import { Field, Select } from "../ui/field";
import { Badge, Empty, Loading, Mac, PageFrame, Problem, When } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { complain, say } from "../ui/toast";
import { Chosen, Filter, Tools } from "../ui/tools";
import { ConvertDialog } from "./convert_dialog";
import { askUnassign } from "./desk_phones";
import { askLogOut } from "./hot_desking";
import { ImportDialog } from "./import_dialog";

const NOUN: [string, string] = ["user", "users"];

const byMac = (phones: PhoneRow[]) => new Map(phones.map((phone) => [phone.mac, phone]));

function mainBadge(user: UserRow) {
  if (mainMac(user) !== "") return <Badge tone="good">Desk Phone</Badge>;
  return <Badge tone={user.main_extension === "Not Assigned" ? "bad" : "info"}>{user.main_extension}</Badge>;
}

// `before`: the user as it was when this was opened; null: a new one.
function UserDialog({ before, onClose }: { before: Answer<UserRow> | null; onClose: () => void }) {
  const user = before?.data;
  const [extension, setExtension] = useState(user?.extension ?? "");
  const [name, setName] = useState(user?.name ?? "");
  const [pin, setPin] = useState("");
  const [main, setMain] = useState<MainPhone>(user?.main_phone ?? "hot-desking");
  const [error, setError] = useState<unknown>(null);
  return (
    <FormDialog
      title={user ? `Change ${user.extension}` : "Add a user"}
      submit={user ? "Save" : "Add user"}
      onClose={onClose}
      onSubmit={async () => {
        try {
          const body = { ...(name !== (user?.name ?? "") ? { name } : {}), ...(pin ? { pin } : {}) };
          const done = before
            ? await patch<Done>(at("users", before.data.extension), body, before.etag)
            : await post<Done>("/users", { extension, main_phone: main, ...body });
          changed("/users", "/phones", "/desks");
          say(done.message ?? (user ? `User ${extension} changed.` : `User ${extension} added.`));
          onClose();
        } catch (failure) {
          setError(failure);
          throw failure;
        }
      }}
    >
      {!user && (
        <Field label="Extension" value={extension} onInput={setExtension} inputMode="numeric" autoFocus mistake={problemOf(error, "extension")} />
      )}
      <Field label="Name" value={name} onInput={setName} autoFocus={before !== null} mistake={problemOf(error, "name")} />
      <Field
        label="Voicemail PIN"
        type="password"
        value={pin}
        onInput={setPin}
        inputMode="numeric"
        autoComplete="new-password"
        mistake={problemOf(error, "pin")}
        hint={user ? (user.pin === "set" ? "Empty: stays as it is." : "Not set yet: without one nobody can log in with this extension.") : "Needed for logging in at hot-desk phones."}
      />
      {!user && (
        <Select label="Main extension's phone" value={main} onInput={(value) => setMain(value as MainPhone)}>
          <option value="hot-desking">Hot Desking</option>
          <option value="desk-phone">Desk Phone (assign one next)</option>
          <option value="none">None</option>
        </Select>
      )}
    </FormDialog>
  );
}

// The third icon of the guide: which phone is the main one, and the rule about desk phones, said
// where it bites, with the way out beside it.
interface ManagePhonesProps {
  user: UserRow;
  phones: PhoneRow[];
  desks: DeskRow[];
  convert: (phone: PhoneRow) => void;
  onClose: () => void;
}

function ManagePhones({ user, phones, desks, convert, onClose }: ManagePhonesProps) {
  const macs = byMac(phones);
  const main = mainMac(user);
  const mainPhone = macs.get(main);
  const additional = user.phones.filter((mac) => mac !== main);
  const desk = desks.find((row) => row.extension === user.extension);
  const [editing, setEditing] = useState<{ etag: string } | null>(null);
  const [type, setType] = useState<MainPhone>(user.main_phone);
  const [give, setGive] = useState("");
  const [error, setError] = useState("");
  const free = phones.filter((phone) => phone.role === "unassigned");
  const blockedByPhone = main !== "" && type !== "desk-phone";
  const emergency = useOne<{ items?: EmergencyRow[] } | EmergencyRow[]>("/emergency", { of: user.extension });
  const numbers = Array.isArray(emergency.data) ? emergency.data : (emergency.data?.items ?? []);

  const save = async () => {
    setError("");
    try {
      if (type !== user.main_phone) await patch(at("users", user.extension), { main_phone: type }, editing?.etag);
      if (type === "desk-phone" && give) await put(at("phones", give, "assignment"), { extension: user.extension, additional: false });
      changed("/users", "/phones", "/desks");
      say(type === "hot-desking" ? `${user.name || user.extension} may hot desk now.` : `${user.extension} is changed.`);
      setEditing(null);
    } catch (failure) {
      changed("/users");
      setError(wordsOf(failure));
    }
  };
  const edit = async () => {
    try {
      const now = await call<UserRow>("GET", at("users", user.extension));
      setType(mainMac(now.data) === "" && now.data.main_phone !== "hot-desking" ? "hot-desking" : now.data.main_phone);
      setEditing(now);
    } catch (failure) {
      complain(failure);
    }
  };
  const askToUnassign = (phone: PhoneRow) => {
    onClose();
    askUnassign(phone, user, () => convert(phone));
  };

  return (
    <Dialog title={`Phones of ${user.extension} ${user.name}`} onClose={onClose} wide>
      <div class="dialog-body">
        <section class="main-extension" aria-label="Main extension">
          <div>
            <h3>Main extension</h3>
            {user.main_phone === "hot-desking" ? (
              <p><Badge tone="info">Hot Desking</Badge> {desk ? <>logged in at <Mac mac={desk.phone} /> ({desk.label}) <When time={desk.since} /></> : <span class="quiet">not logged in anywhere</span>}</p>
            ) : mainPhone || main ? (
              <p><Badge tone="good">Desk Phone</Badge> <Mac mac={main} /> {mainPhone && `${mainPhone.vendor} ${mainPhone.model}`}</p>
            ) : (
              <p><strong class="not-assigned">Not Assigned</strong> Calls to {user.extension} ring nowhere.</p>
            )}
          </div>
          {may("administrator") && !editing && (
            <button type="button" class="secondary small" onClick={edit}>
              <Pencil aria-hidden="true" /> Edit
            </button>
          )}
          {desk && may("helpdesk") && (
            <button type="button" class="secondary small" onClick={() => { onClose(); askLogOut(desk); }}>Log out</button>
          )}
        </section>
        {editing && (
          <div class="inset">
            <Select label="Phone" value={type} onInput={(value) => setType(value as MainPhone)} autoFocus>
              <option value="hot-desking">Hot Desking</option>
              <option value="desk-phone">Desk Phone</option>
              <option value="none">None</option>
            </Select>
            {blockedByPhone && (
              <div class="rule" role="status">
                <p>
                  <strong>{user.name || user.extension} has the desk phone {main} as main phone.</strong> A main extension has one
                  kind of phone, so that assignment ends first. Converting does both in one step: the phone becomes a hot desk
                  where it stands, and {user.name || user.extension} logs in there or anywhere else.
                </p>
                <div class="row-of-buttons">
                  <button type="button" class="small" onClick={() => mainPhone && (onClose(), convert(mainPhone))}><Armchair aria-hidden="true" /> Convert {main}</button>
                  <button type="button" class="small secondary" onClick={() => mainPhone && askToUnassign(mainPhone)}>
                    Delete the assignment
                  </button>
                </div>
              </div>
            )}
            {type === "desk-phone" && main === "" && (
              <Select label="Which phone" value={give} onInput={setGive} hint={free.length === 0 ? "No phone is free. Add one with Quick-Create Assignments." : "Phones that belong to nobody."}>
                <option value="">Later</option>
                {free.map((phone) => <option key={phone.mac} value={phone.mac}>{phone.mac} {phone.vendor} {phone.model}</option>)}
              </Select>
            )}
            {type === "hot-desking" && user.pin === "not set" && (
              <p class="note">{user.name || user.extension} has no PIN yet and cannot log in without one. Set it with the pencil in the list.</p>
            )}
            {error && <p class="error-line" role="alert">{error}</p>}
            <div class="row-of-buttons">
              <button type="button" class="secondary small" onClick={() => setEditing(null)}>Cancel</button>
              <button type="button" class="small" disabled={blockedByPhone || type === user.main_phone && give === ""} onClick={save}>Save</button>
            </div>
          </div>
        )}
        <h3>Additional phones</h3>
        {additional.length === 0 ? <p class="quiet">None. Up to five are possible; they ring with the main extension.</p> : (
          <ul class="plain">
            {additional.map((mac) => {
              const phone = macs.get(mac);
              return (
                <li key={mac}>
                  <Mac mac={mac} /> {phone && `${phone.vendor} ${phone.model}, ${phone.location || "no location"}`}
                  {may("administrator") && phone && (
                    <button type="button" class="text" onClick={() => askToUnassign(phone)}>Delete the assignment</button>
                  )}
                </li>
              );
            })}
          </ul>
        )}
        {numbers.length > 0 && (
          <>
            <h3>Emergency calls</h3>
            <ul class="plain">
              {numbers.map((one) => (
                <li key={one.phone}>
                  From <Mac mac={one.phone} />: <strong>{one.number || "no number"}</strong>, {one.label || one.location} {one.address && <span class="quiet">{one.address}</span>}
                  {one.missing && <span class="mistake"> {one.missing}</span>}
                </li>
              ))}
            </ul>
            <p class="small">The number is the desk's, not the user's.</p>
          </>
        )}
      </div>
      <footer><button type="button" class="secondary" onClick={onClose}>Close</button></footer>
    </Dialog>
  );
}

// Hot desking for many: who can at once, whose desk phone is in the way, who lacks a PIN.
function EnableDialog({ users, phones, onClose }: { users: UserRow[]; phones: PhoneRow[]; onClose: () => void }) {
  const macs = byMac(phones);
  const ready = users.filter((user) => user.main_phone !== "hot-desking" && mainMac(user) === "");
  const owners = users.filter((user) => mainMac(user) !== "");
  const already = users.filter((user) => user.main_phone === "hot-desking");
  const noPin = users.filter((user) => user.pin === "not set");
  const theirs = owners.map((user) => macs.get(mainMac(user))).filter((phone) => phone !== undefined);
  const [done, setDone] = useState(0);
  const [converting, setConverting] = useState(false);
  if (converting) return <ConvertDialog phones={theirs} onClose={onClose} />;
  return (
    <FormDialog
      title={`Enable hot desking for ${count(users.length, ...NOUN)}`}
      submit={ready.length > 0 ? `Enable for ${ready.length}` : "Convert their phones"}
      disabled={ready.length === 0 && theirs.length === 0}
      onClose={onClose}
      onSubmit={async () => {
        const failed: string[] = [];
        for (const user of ready) {
          try {
            await patch(at("users", user.extension), { main_phone: "hot-desking" });
            setDone((n) => n + 1);
          } catch (error) {
            if (error instanceof ApiError && error.status === 0) throw error;
            failed.push(`${user.extension}: ${wordsOf(error)}`);
          }
        }
        changed("/users", "/desks");
        if (failed.length > 0) throw new Error(failed.join(" "));
        if (ready.length > 0) say(`${count(ready.length, "user")} may hot desk now.`);
        if (theirs.length > 0) setConverting(true);
        else onClose();
      }}
    >
      <ul class="steps">
        {ready.length > 0 && <li>{count(ready.length, "user")} without a main desk phone can log in at any hot-desk phone at once.{done > 0 && ` ${done} done.`}</li>}
        {owners.length > 0 && (
          <li>{count(owners.length, "user has", "users have")} a desk phone as main phone. Their phones are converted in a next step, in which nothing gets blocked.</li>
        )}
        {already.length > 0 && <li>{count(already.length, "user")} may already.</li>}
      </ul>
      {noPin.length > 0 && <p class="note">{count(noPin.length, "of them has", "of them have")} no voicemail PIN and cannot log in before one is set: {noPin.slice(0, 6).map((user) => user.extension).join(", ")}{noPin.length > 6 && " …"}</p>}
    </FormDialog>
  );
}

export function Manage({ extension }: { extension: string }) {
  const users = useList<UserRow>("/users");
  const phones = useList<PhoneRow>("/phones");
  const desks = useList<DeskRow>("/desks");
  const [search, setSearch] = useState("");
  const [kind, setKind] = useState("");
  const [chosen, setChosen] = useState<Set<string>>(new Set());
  const [dialog, setDialog] = useState<"add" | "import" | "enable" | null>(null);
  const [editing, setEditing] = useState<Answer<UserRow> | null>(null);
  const [converting, setConverting] = useState<PhoneRow | null>(null);
  const [, go] = useLocation();

  const seats = useMemo(() => new Map(desks.rows.filter((row) => row.extension).map((row) => [row.extension, row])), [desks.rows]);
  const opened = users.rows.find((user) => user.extension === extension);
  const shown = useMemo(
    () =>
      users.rows.filter((user) => {
        const main = mainMac(user);
        const fits =
          kind === "" || (kind === "none" ? user.main_phone !== "hot-desking" && main === "" : kind === "pin" ? user.pin === "not set" : user.main_phone === kind);
        return fits && matches(search, [user.extension, user.name, ...user.phones]);
      }),
    [users.rows, search, kind],
  );
  const picked = users.rows.filter((user) => chosen.has(user.extension));

  const edit = (user: UserRow) => void call<UserRow>("GET", at("users", user.extension)).then(setEditing).catch(complain);
  const askRemove = (user: UserRow) =>
    ask({
      title: `Delete user ${user.extension}?`,
      action: "Delete",
      danger: true,
      body: <p>{user.name || user.extension} can no longer log in, and the account goes. This cannot be undone. Phones assigned to the user have to be taken away first.</p>,
      run: async () => {
        await remove(at("users", user.extension));
        changed("/users");
        say(`User ${user.extension} is deleted.`);
      },
    });

  const columns: Column<UserRow>[] = [
    { title: "Extension", cell: (user) => <Link href={`/setup/manage/${user.extension}`}><strong>{user.extension}</strong></Link>, sort: (user) => user.extension, width: "110px", card: "title" },
    { title: "Name", cell: (user) => user.name || <span class="quiet">no name</span>, sort: (user) => user.name, width: "minmax(140px, 1.4fr)" },
    { title: "Main extension", cell: (user) => mainBadge(user), sort: (user) => user.main_phone, width: "140px", card: "badge" },
    {
      title: "Phone now",
      cell: (user) => {
        const seat = seats.get(user.extension);
        const main = mainMac(user);
        if (seat) return <><Mac mac={seat.phone} /> <span class="quiet">{seat.label}</span></>;
        return main ? <Mac mac={main} /> : <span class="quiet">{user.main_phone === "hot-desking" ? "not logged in" : "none"}</span>;
      },
      width: "minmax(200px, 1.8fr)",
    },
    { title: "More phones", cell: (user) => { const more = user.phones.filter((mac) => mac !== mainMac(user)).length; return more > 0 ? `+${more}` : ""; }, width: "110px", card: "hide", end: true },
    { title: "PIN", cell: (user) => (user.pin === "set" ? "set" : <Badge tone="warn">not set</Badge>), sort: (user) => user.pin, width: "90px", card: "hide" },
  ];

  return (
    <PageFrame
      trail={["Setup"]}
      title="Manage"
      lead="Users, and the phones that ring for them."
      actions={may("administrator") && (
        <>
          <button type="button" class="secondary" onClick={() => setDialog("import")}>Import</button>
          <button type="button" onClick={() => setDialog("add")}><UserPlus aria-hidden="true" /> Add user</button>
        </>
      )}
    >
      {users.error && <Problem text={users.error} again={users.reload} />}
      {users.loading && users.rows.length === 0 ? <Loading what="Reading the users" /> : (
        <>
          {users.rows.length > 0 && (
            <Tools search={search} onSearch={setSearch} what="Search by extension, name or MAC" shown={shown.length} total={users.total} noun={NOUN} loading={users.loading}>
              <Filter label="Main extension" value={kind} onInput={setKind}>
                <option value="">Any</option>
                <option value="hot-desking">Hot Desking</option>
                <option value="desk-phone">Desk Phone</option>
                <option value="none">Not Assigned</option>
                <option value="pin">Without PIN</option>
              </Filter>
            </Tools>
          )}
          <Chosen number={picked.length} noun={NOUN} clear={() => setChosen(new Set())}>
            <button type="button" class="small" onClick={() => setDialog("enable")}><Armchair aria-hidden="true" /> Enable hot desking</button>
          </Chosen>
          <Table
            caption="Users"
            columns={columns}
            rows={shown}
            id={(user) => user.extension}
            noun={NOUN}
            open={(user) => go(`/setup/manage/${user.extension}`)}
            {...(may("administrator") ? { chosen, choose: setChosen } : {})}
            actionsWidth="132px"
            actions={(user) => (
              <>
                {may("administrator") && (
                  <>
                    <button type="button" class="icon" aria-label={`Change ${user.extension}`} title="Change name and PIN" onClick={() => edit(user)}>
                      {user.pin === "set" ? <Pencil aria-hidden="true" /> : <KeyRound aria-hidden="true" />}
                    </button>
                    <button type="button" class="icon" aria-label={`Delete ${user.extension}`} title="Delete" onClick={() => askRemove(user)}><Trash2 aria-hidden="true" /></button>
                  </>
                )}
                <button type="button" class="icon" aria-label={`Manage phones of ${user.extension}`} title="Manage phones" onClick={() => go(`/setup/manage/${user.extension}`)}>
                  <MonitorSmartphone aria-hidden="true" />
                </button>
              </>
            )}
            empty={
              users.rows.length === 0 && !users.error ? (
                <Empty title="No users yet" action={may("administrator") && <><button type="button" class="secondary" onClick={() => setDialog("import")}>Import a list</button><button type="button" onClick={() => setDialog("add")}>Add user</button></>}>
                  A user is an extension with a name and a voicemail PIN. Import them from a CSV file, or add the first by hand.
                </Empty>
              ) : users.rows.length > 0 ? (
                <Empty title="None like that" action={<button type="button" class="secondary" onClick={() => { setSearch(""); setKind(""); }}>Show all</button>}>No user fits the search and filters.</Empty>
              ) : null
            }
          />
        </>
      )}
      {opened && <ManagePhones key={opened.extension} user={opened} phones={phones.rows} desks={desks.rows} convert={setConverting} onClose={() => go("/setup/manage")} />}
      {converting && <ConvertDialog phones={[converting]} onClose={() => setConverting(null)} />}
      {extension && !opened && !users.loading && !users.error && (
        <Dialog title={`No user ${extension}`} onClose={() => go("/setup/manage")}>
          <div class="dialog-body"><p>There is no user with this extension; perhaps it was deleted.</p></div>
        </Dialog>
      )}
      {dialog === "add" && <UserDialog before={null} onClose={() => setDialog(null)} />}
      {editing && <UserDialog before={editing} onClose={() => setEditing(null)} />}
      {dialog === "enable" && <EnableDialog users={picked} phones={phones.rows} onClose={() => { setDialog(null); setChosen(new Set()); }} />}
      {dialog === "import" && <ImportDialog kind="users" heading="extension,name,pin,sip_secret,main_phone" onClose={() => setDialog(null)} />}
    </PageFrame>
  );
}

