// Administrators, and tokens for programs.

import { useState } from "preact/hooks";
import { KeyRound, Trash2, UserCog, UserPlus } from "lucide-preact";
import { at, may, patch, post, remove, session } from "../api/client";
import { changed, useList } from "../api/lists";
import { problemOf } from "../api/problem";
import type { AdministratorRow, Done, Role, TokenRow } from "../api/types";
import { exact } from "../lib/time";
import { ask, Dialog, FormDialog } from "../ui/dialog";
import { Field, Select } from "../ui/field";
import { Badge, Card, CopyButton, Empty, Loading, PageFrame, Problem, When } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { say } from "../ui/toast";
import { NotForYou } from "./nowhere";
import { PasswordDialog } from "./password_dialog";

const ROLES: { role: Role; may: string }[] = [
  { role: "administrator", may: "changes everything" },
  { role: "helpdesk", may: "sees everything but secrets; unblocks, logs out, restarts, converts" },
  { role: "viewer", may: "sees phones, desks and security, but not the audit log and who may sign in; changes nothing" },
];

const roleBadge = (role: Role) => <Badge tone={role === "administrator" ? "info" : "quiet"}>{role}</Badge>;

function RoleSelect({ role, setRole }: { role: Role; setRole: (role: Role) => void }) {
  return (
    <Select label="Role" value={role} onInput={(value) => setRole(value as Role)} hint={`A ${role} ${ROLES.find((one) => one.role === role)?.may}.`.replace("A a", "An a")}>
      {ROLES.map((one) => <option key={one.role}>{one.role}</option>)}
    </Select>
  );
}

function AddDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [error, setError] = useState<unknown>(null);
  const [differs, setDiffers] = useState(false);
  return (
    <FormDialog
      title="Add an administrator"
      submit="Add"
      onClose={onClose}
      onSubmit={async () => {
        setDiffers(password !== again);
        if (password !== again) return;
        try {
          const done = await post<Done>("/administrators", { name: name.trim(), role, password });
          changed("/administrators");
          say(done.message ?? `${name} may sign in now.`);
          onClose();
        } catch (failure) {
          setError(failure);
          throw failure;
        }
      }}
    >
      <Field label="Name" value={name} onInput={setName} autoFocus autoComplete="off" mistake={problemOf(error, "name")} />
      <RoleSelect role={role} setRole={setRole} />
      <Field label="Password" type="password" value={password} onInput={setPassword} autoComplete="new-password" mistake={problemOf(error, "password")} hint="Long beats complicated: four words are good." />
      <Field label="Password again" type="password" value={again} onInput={setAgain} autoComplete="new-password" mistake={differs ? "The two passwords differ." : ""} />
    </FormDialog>
  );
}

function RoleDialog({ row, onClose }: { row: AdministratorRow; onClose: () => void }) {
  const [role, setRole] = useState<Role>(row.role);
  return (
    <FormDialog
      title={`Role of ${row.name}`}
      submit="Save"
      disabled={role === row.role}
      onClose={onClose}
      onSubmit={async () => {
        await patch(at("administrators", row.name), { role });
        changed("/administrators");
        say(`${row.name} is ${role} now.`);
        onClose();
      }}
    >
      <RoleSelect role={role} setRole={setRole} />
    </FormDialog>
  );
}

function TokenDialog({ onClose }: { onClose: () => void }) {
  const [label, setLabel] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [days, setDays] = useState("90");
  const [error, setError] = useState<unknown>(null);
  const [made, setMade] = useState("");
  if (made)
    return (
      <Dialog title={`Token “${label}”`} onClose={onClose}>
        <div class="dialog-body">
          <p>Copy it now; it is shown only this once.</p>
          <p class="secret"><code>{made}</code> <CopyButton text={made} what="Token" /></p>
          <p class="small">Used as <code>Authorization: Bearer …</code></p>
        </div>
        <footer><button type="button" data-autofocus="" onClick={onClose}>I have it</button></footer>
      </Dialog>
    );
  return (
    <FormDialog
      title="Make a token"
      submit="Make token"
      onClose={onClose}
      onSubmit={async () => {
        try {
          const done = await post<Done & { token?: string }>("/tokens", { label: label.trim(), role, expires: `${days}d` });
          changed("/tokens");
          if (done.token) setMade(done.token);
          else onClose();
        } catch (failure) {
          setError(failure);
          throw failure;
        }
      }}
    >
      <Field label="Label" value={label} onInput={setLabel} autoFocus hint="Which program uses it." mistake={problemOf(error, "label")} />
      <RoleSelect role={role} setRole={setRole} />
      <Select label="Good for" value={days} onInput={setDays} mistake={problemOf(error, "expires")}>
        <option value="1">1 day</option>
        <option value="30">30 days</option>
        <option value="90">90 days</option>
        <option value="365">1 year</option>
      </Select>
    </FormDialog>
  );
}

export function Administrators() {
  const people = useList<AdministratorRow>("/administrators");
  const tokens = useList<TokenRow>("/tokens");
  const [dialog, setDialog] = useState<"add" | "token" | null>(null);
  const [renewing, setRenewing] = useState("");
  const [promoting, setPromoting] = useState<AdministratorRow | null>(null);
  const me = session.value?.name;
  const administrator = may("administrator");

  const askRemove = (row: AdministratorRow) =>
    ask({
      title: `Remove ${row.name}?`,
      action: "Remove",
      danger: true,
      body: <p>{row.name} is signed out at once and can no longer sign in. What {row.name} did stays in the audit log.</p>,
      run: async () => {
        await remove(at("administrators", row.name));
        changed("/administrators");
        say(`${row.name} is removed.`);
      },
    });
  const askRevoke = (row: TokenRow) =>
    ask({
      title: `Revoke “${row.label}” (${row.id})?`,
      action: "Revoke",
      danger: true,
      body: <p>The program that uses it is refused from now on. This cannot be undone; you can make a new token.</p>,
      run: async () => {
        await remove(at("tokens", row.id));
        changed("/tokens");
        say(`Token “${row.label}” is revoked.`);
      },
    });

  const columns: Column<AdministratorRow>[] = [
    { title: "Name", cell: (row) => <><strong>{row.name}</strong>{row.name === me && <span class="quiet"> (you)</span>}</>, sort: (row) => row.name, width: "minmax(140px, 1.5fr)", card: "title" },
    { title: "Role", cell: (row) => roleBadge(row.role), sort: (row) => row.role, width: "160px", card: "badge" },
    { title: "Since", cell: (row) => <When time={row.made} />, sort: (row) => row.made, width: "minmax(120px, 1fr)" },
  ];
  const tokenColumns: Column<TokenRow>[] = [
    { title: "Label", cell: (row) => <><strong>{row.label}</strong> <span class="quiet mono">{row.id}</span></>, sort: (row) => row.label, width: "minmax(140px, 1.5fr)", card: "title" },
    { title: "Role", cell: (row) => roleBadge(row.role), sort: (row) => row.role, width: "160px", card: "badge" },
    { title: "Expires", cell: (row) => (row.expires ? exact(row.expires).slice(0, 16) : "never"), sort: (row) => row.expires, width: "minmax(140px, 1fr)" },
    { title: "Made", cell: (row) => <When time={row.made} />, sort: (row) => row.made, width: "minmax(120px, 1fr)", card: "hide" },
  ];
  if (!may("helpdesk")) return <NotForYou title="Administrators">Only helpdesk and administrators see who may sign in.</NotForYou>;
  return (
    <PageFrame trail={[]} title="Administrators" lead="Who may sign in here, and which programs may use the API.">
      <Card title="People" actions={administrator && <button type="button" class="small" onClick={() => setDialog("add")}><UserPlus aria-hidden="true" /> Add</button>}>
        {people.error ? <Problem text={people.error} again={people.reload} /> : people.loading ? <Loading what="Reading" /> : (
          <Table
            caption="Administrators" columns={columns} rows={people.rows} id={(row) => row.name} noun={["person", "people"]} height="26rem"
            actionsWidth="132px"
            {...(administrator ? { actions: (row: AdministratorRow) => (
              <>
                <button type="button" class="icon" aria-label={`Role of ${row.name}`} title="Role" disabled={row.name === me} onClick={() => setPromoting(row)}><UserCog aria-hidden="true" /></button>
                <button type="button" class="icon" aria-label={`New password for ${row.name}`} title="New password" onClick={() => setRenewing(row.name)}><KeyRound aria-hidden="true" /></button>
                <button type="button" class="icon" aria-label={`Remove ${row.name}`} title="Remove" disabled={row.name === me} onClick={() => askRemove(row)}><Trash2 aria-hidden="true" /></button>
              </>
            ) } : {})}
            empty={<Empty title="Nobody yet">On the server, <code>stormdoor admin add NAME</code> makes the first.</Empty>}
          />
        )}
      </Card>
      <Card title="Tokens" actions={administrator && <button type="button" class="small" onClick={() => setDialog("token")}>Make a token</button>}>
        {tokens.error ? <Problem text={tokens.error} again={tokens.reload} /> : tokens.loading ? <Loading what="Reading" /> : (
          <Table
            caption="Tokens" columns={tokenColumns} rows={tokens.rows} id={(row) => row.id} noun={["token", "tokens"]} height="26rem" actionsWidth="60px"
            {...(administrator ? { actions: (row: TokenRow) => <button type="button" class="icon" aria-label={`Revoke ${row.label}, ${row.id}`} title="Revoke" onClick={() => askRevoke(row)}><Trash2 aria-hidden="true" /></button> } : {})}
            empty={<Empty title="No tokens">Programs use the API with a token instead of a password: it has a role, and it ends by itself.</Empty>}
          />
        )}
      </Card>
      {dialog === "add" && <AddDialog onClose={() => setDialog(null)} />}
      {dialog === "token" && <TokenDialog onClose={() => setDialog(null)} />}
      {promoting && <RoleDialog row={promoting} onClose={() => setPromoting(null)} />}
      {renewing && <PasswordDialog name={renewing} onClose={() => setRenewing("")} />}
    </PageFrame>
  );
}
