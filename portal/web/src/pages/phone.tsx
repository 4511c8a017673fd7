// One phone: its screen as it is now, its story, what it is told and where each value comes from.

import { useMemo, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { Armchair, Download, LogIn, LogOut, RotateCw, Trash2, X } from "lucide-preact";
import { at, call, may, patch, post, remove, type Answer } from "../api/client";
import { changed, useList, useOne } from "../api/lists";
import type { ConversionRow, DeskAppRow, DeskLink, DeskRow, Done, LocationRow, PhoneDetails, Rendered, UserRow } from "../api/types";
import { extensionOf, matches } from "../lib/text";
import { ask, FormDialog } from "../ui/dialog";
import { Field, Select } from "../ui/field";
import { Badge, Card, CopyButton, Empty, Loading, PageFrame, Problem, When } from "../ui/parts";
import { save } from "../ui/save";
import { complain, say } from "../ui/toast";
import { ConvertDialog } from "./convert_dialog";
import { AssignDialog, askUnassign, restart, roleBadge } from "./desk_phones";
import { askLogOut, LogInDialog, stateBadge, whoSits } from "./hot_desking";
import { linesOf, Story, type WhyAnswer } from "./why";

// The screen as the phone's configuration makes it: the label of the place at the top right, whom it
// rings for, and the soft keys. Of a phone that is not back nobody knows what it shows.
export function Screen({ phone, desk, label }: { phone: PhoneDetails; desk: DeskRow | undefined; label: string }) {
  const hot = phone.role === "hot-desk";
  const logged = desk?.state === "logged in";
  const away = desk?.state === "not back";
  const owner = logged ? desk.user || desk.extension : hot ? "" : phone.assigned_to.replace(/^\d+ \((.*)\).*$/, "$1");
  const extension = logged ? desk.extension : hot ? "" : extensionOf(phone.assigned_to);
  const keys = away ? [] : hot ? (logged ? ["Redial", "Contacts", "LOGOUT"] : ["LOGIN", "Emergency"]) : extension ? ["Redial", "Contacts", "More"] : [];
  const words = away ? "not known before the phone is back."
    : hot ? (logged ? `${owner}, extension ${extension}, is logged in. Soft key LOGOUT.` : `Shows ${label} and the soft key LOGIN.`)
    : extension ? `Rings for ${owner}, extension ${extension}.` : "Shows nothing: it belongs to nobody.";
  return (
    <figure class="phone-picture">
      <div class="screen" role="img" aria-label={`The phone's screen: ${words}`}>
        <div class="screen-top"><span>{extension}</span><span>{!away && label}</span></div>
        <div class="screen-middle">
          {away ? <><strong>Not back yet</strong><span>Until it is, it may show what it was before</span></> : owner ? <><strong>{owner}</strong><span>{extension}</span></> : hot ? <><strong>Hot desk</strong><span>Log in to make it yours</span></> : extension ? <strong>{extension}</strong> : <span>No account</span>}
        </div>
        <div class="screen-keys">{keys.map((key) => <span key={key} class={key === key.toUpperCase() ? "main-key" : ""}>{key}</span>)}</div>
      </div>
      <figcaption>{phone.vendor} {phone.model}</figcaption>
    </figure>
  );
}

// Of the phone as it was when this was opened: what others change meanwhile is not undone unseen.
function EditDialog({ before: { data: phone, etag }, onClose }: { before: Answer<PhoneDetails>; onClose: () => void }) {
  const locations = useList<LocationRow>("/locations");
  const [location, setLocation] = useState(phone.location);
  const [vendor, setVendor] = useState(phone.vendor);
  const [model, setModel] = useState(phone.model);
  return (
    <FormDialog
      title={`Change ${phone.mac}`}
      submit="Save"
      onClose={onClose}
      onSubmit={async () => {
        const body = {
          ...(location !== phone.location ? { location } : {}), ...(vendor !== phone.vendor ? { vendor } : {}), ...(model !== phone.model ? { model } : {}),
        };
        const done = await patch<Done>(at("phones", phone.mac), body, etag);
        changed("/phones", "/desks", "/locations");
        say(done.message ?? `${phone.mac} is changed.`);
        onClose();
      }}
    >
      <Select label="Location" value={location} onInput={setLocation} autoFocus hint="Its emergency number changes with it.">
        {phone.role !== "hot-desk" && <option value="">None</option>}
        {locations.rows.map((one) => <option key={one.name} value={one.name}>{one.label || one.name} ({one.emergency_number || "no emergency number"})</option>)}
      </Select>
      <Field label="Vendor" value={vendor} onInput={setVendor} />
      <Field label="Model" value={model} onInput={setModel} />
    </FormDialog>
  );
}

function Configuration({ mac }: { mac: string }) {
  const rendered = useOne<Rendered>(at("phones", mac, "rendered"));
  const [search, setSearch] = useState("");
  if (rendered.error) return <p class="quiet">{rendered.error}</p>;
  if (!rendered.data) return <Loading what="Rendering its configuration" />;
  const { files, values } = rendered.data;
  const shown = values.filter((one) => matches(search, [one.name, one.value, one.layer]));
  return (
    <>
      <label class="inline-search">
        <span class="hidden-words">Search values</span>
        <input type="search" placeholder="Search values" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
      </label>
      <div class="scroll" tabIndex={0} role="region" aria-label="Values and their layers">
        <table class="plain-table">
          <thead><tr><th scope="col">Value</th><th scope="col">Is</th><th scope="col">From</th></tr></thead>
          <tbody>
            {shown.map((one) => (
              <tr key={one.name}><th scope="row" class="mono">{one.name}</th><td class="mono">{one.value || <span class="quiet">empty</span>}</td><td><Badge tone={one.layer === "phone" ? "info" : "quiet"}>{one.layer}</Badge></td></tr>
            ))}
          </tbody>
        </table>
      </div>
      {files.map((file) => (
        <details key={file.name}>
          <summary>{file.name} <span class="quiet">{file.template}</span></summary>
          <div class="file">
            <CopyButton text={file.text} what="File" />
            <pre tabIndex={0} aria-label={file.name}>{file.text}</pre>
          </div>
        </details>
      ))}
      <p class="small">Secrets are masked.</p>
    </>
  );
}

// For people whose desk has no login screen, or who would rather type on their own phone.
function DeskPage({ mac }: { mac: string }) {
  const link = useOne<DeskLink>(at("desks", mac, "link"));
  if (link.error) return <p class="quiet">{link.error}</p>;
  if (!link.data) return <Loading what="Looking up its address" />;
  const { url, svg } = link.data;
  return (
    <>
      {svg && <img src={`data:image/svg+xml,${encodeURIComponent(svg)}`} alt={`QR code that opens the desk page of ${mac}`} width="180" height="180" />}
      <p class="desk-address"><a class="mono" href={url} target="_blank" rel="noreferrer">{url}</a> <CopyButton text={url} what="Address" /></p>
      {svg && <button type="button" class="secondary small" onClick={() => save(`desk-${mac.replaceAll(":", "")}.svg`, svg, "image/svg+xml")}><Download aria-hidden="true" /> QR code to print</button>}
      <p class="small">Whoever opens it logs in at this desk with extension and PIN. Print the code and put it beside the phone.</p>
    </>
  );
}

// Phones that show LOGIN by an app of ours: whether they have it, and what their own menus ask for.
function DeskApp({ app }: { app: DeskAppRow }) {
  const [password, setPassword] = useState("");
  const has = app.installed === app.version;
  const push = async () => {
    try {
      const done = await post<Done>("/desk-apps/push", { macs: [app.phone] });
      changed("/desk-apps");
      say(done.message ?? `${app.phone} will be given its login screen.`);
    } catch (error) {
      complain(error);
    }
  };
  const askPassword = () =>
    ask({
      title: `Show the password of ${app.phone}?`,
      action: "Show",
      body: <p>The phone's own menus ask for it. That you looked goes into the audit log. A new token is a new password.</p>,
      run: async () => {
        setPassword((await post<{ password: string }>(at("desk-apps", app.phone, "password"))).password);
      },
    });
  return (
    <>
      <p>{has ? <Badge tone="good">Installed</Badge> : <Badge tone="warn">Not installed</Badge>} <span class="quiet">version {app.version}</span></p>
      {!has && <p>{app.state[0]?.toUpperCase()}{app.state.slice(1)}.</p>}
      <p class="small">This model shows LOGIN by an app, which it is given after its configuration.</p>
      <div class="row-of-buttons">
        <button type="button" class="secondary small" onClick={push}>{has ? "Give it again" : "Give it now"}</button>
        {may("administrator") && password === "" && <button type="button" class="secondary small" onClick={askPassword}>Menu password</button>}
      </div>
      {password && <p>Menu password: <span class="mono">{password}</span> <CopyButton text={password} what="Password" /></p>}
    </>
  );
}

export function PhonePage({ mac }: { mac: string }) {
  const one = useOne<PhoneDetails>(at("phones", mac), undefined, 15_000);
  const why = useOne<WhyAnswer>(at("phones", mac, "why"), undefined, 15_000);
  const desks = useList<DeskRow>("/desks");
  const apps = useList<DeskAppRow>("/desk-apps");
  const users = useList<UserRow>("/users");
  const locations = useList<LocationRow>("/locations");
  const conversions = useList<ConversionRow>("/conversions");
  const [dialog, setDialog] = useState<"convert" | "assign" | "login" | null>(null);
  const [editing, setEditing] = useState<Answer<PhoneDetails> | null>(null);
  const [, go] = useLocation();
  const phone = one.data;
  const desk = desks.rows.find((row) => row.phone === phone?.mac);
  const app = apps.rows.find((row) => row.phone === phone?.mac);
  const place = locations.rows.find((row) => row.name === phone?.location);
  const running = useMemo(() => conversions.rows.find((row) => row.state !== "over"), [conversions.rows]);
  if (!phone)
    return (
      <PageFrame trail={["Setup", "Phones"]} title={mac}>
        {one.error ? <Problem text={one.error} again={one.reload} /> : <Loading what="Looking at the phone" />}
        {one.error && may("administrator") && <p><Link href={`/setup/phones/quick-create?mac=${encodeURIComponent(mac)}`}>Add this phone</Link></p>}
      </PageFrame>
    );
  const label = place?.label || phone.location;
  const askReboot = () =>
    ask({
      title: `Restart ${phone.mac}?`,
      action: "Restart",
      body: <p>The phone is told to restart and fetch its configuration. Whether it is back shows here.</p>,
      run: async () => {
        await restart([phone.mac]);
        one.reload();
      },
    });
  const askRemove = () =>
    ask({
      title: `Remove ${phone.mac}?`,
      action: "Remove",
      danger: true,
      body: <p>It gets no configuration any more. You can add it again.</p>,
      run: async () => {
        await remove(at("phones", phone.mac));
        changed("/phones", "/users", "/desks");
        say(`${phone.mac} is removed.`);
        go("/setup/phones/desk-phones");
      },
    });
  const edit = () => void call<PhoneDetails>("GET", at("phones", phone.mac)).then(setEditing).catch(complain);
  const approve = async () => {
    try {
      const done = await patch<Done>(at("phones", phone.mac), { approve: true });
      one.reload();
      say(done.message ?? "Its first contact is approved.");
    } catch (error) {
      complain(error);
    }
  };
  return (
    <PageFrame
      trail={["Setup", "Phones", phone.role === "hot-desk" ? "Hot Desking" : "Desk Phones"]}
      title={phone.mac}
      lead={<>{roleBadge(phone.role)} {desk && stateBadge(desk)}</>}
      actions={
        <>
          {may("helpdesk") && desk?.state === "logged in" && <button type="button" class="secondary" onClick={() => askLogOut(desk)}><LogOut aria-hidden="true" /> Log out</button>}
          {may("administrator") && desk?.state === "idle" && <button type="button" class="secondary" onClick={() => setDialog("login")}><LogIn aria-hidden="true" /> Log in</button>}
          {may("helpdesk") && <button type="button" class="secondary" onClick={askReboot}><RotateCw aria-hidden="true" /> Restart</button>}
          {may("helpdesk") && phone.role !== "hot-desk" && <button type="button" onClick={() => setDialog("convert")}><Armchair aria-hidden="true" /> Convert to hot desking</button>}
        </>
      }
    >
      <div class="phone-page">
        <Card class="phone-now">
          <Screen phone={phone} desk={desk} label={label} />
          <dl class="facts">
            <div><dt>Location</dt><dd>{label || <span class="quiet">none</span>}</dd></div>
            <div><dt>Emergency calls show</dt><dd>{phone.emergency ? <span class="mono">{phone.emergency}</span> : <Badge tone="bad">no number</Badge>}{place?.address && <span class="quiet"> {place.address}</span>}</dd></div>
            <div>
              <dt>Belongs to</dt>
              <dd>
                {phone.assigned_to ? <Link href={`/setup/manage/${extensionOf(phone.assigned_to)}`}>{phone.assigned_to}</Link> : phone.role === "hot-desk" ? "whoever logs in" : "nobody"}
                {may("administrator") && phone.assigned_to && (
                  <button type="button" class="icon red-x" aria-label="Delete the assignment" title="Delete the assignment" onClick={() => askUnassign(phone, users.rows.find((user) => user.extension === extensionOf(phone.assigned_to)), () => setDialog("convert"))}>
                    <X aria-hidden="true" />
                  </button>
                )}
                {may("administrator") && phone.role === "unassigned" && <button type="button" class="text" onClick={() => setDialog("assign")}>Assign</button>}
              </dd>
            </div>
            {desk?.state === "logged in" && <div><dt>Who sits here</dt><dd>{whoSits(desk)} <span class="quiet"><When time={desk.since} /></span></dd></div>}
            {phone.account && <div><dt>SIP account</dt><dd class="mono">{phone.account}</dd></div>}
            <div><dt>Last boot</dt><dd>{phone.last_seen === "never" ? "not seen since stormdoor started" : <>{phone.last_seen_at ? <When time={phone.last_seen_at} /> : phone.last_seen}{phone.last_source && `, from ${phone.last_source}`}</>}{phone.files !== undefined && <span class="quiet"> {phone.files} files, last {phone.last_file}</span>}</dd></div>
            {phone.restart && <div><dt>Restart</dt><dd>{phone.restart}</dd></div>}
            <div>
              <dt>Token</dt>
              <dd>
                {phone.token}
                {may("administrator") && phone.token === "waiting for first contact" && <button type="button" class="text" onClick={approve}>Approve first contact</button>}
              </dd>
            </div>
          </dl>
          {may("administrator") && (
            <div class="row-of-buttons">
              <button type="button" class="secondary small" onClick={edit}>Change</button>
              <button type="button" class="danger-text small" disabled={phone.assigned_to !== ""} title={phone.assigned_to ? "First delete its assignment" : undefined} onClick={askRemove}><Trash2 aria-hidden="true" /> Remove</button>
            </div>
          )}
          {desk?.state === "not back" && running && <p class="note">It is part of a change. <Link href={`/conversions/${running.number}`}>Conversion {running.number}</Link> shows who is back.</p>}
        </Card>
        <Card title="Its story" actions={<Link href={`/security/events?about=${encodeURIComponent(phone.mac)}&since=7d`}>Events</Link>} class="phone-story">
          {why.error ? <Problem text={why.error} /> : !why.data ? <Loading what="Reading the journal" /> : linesOf(why.data).length === 0
            ? <Empty title="Nothing yet">It has not asked for anything.</Empty> : <div class="scroll" tabIndex={0} role="region" aria-label="Its story, line by line"><Story lines={linesOf(why.data)} /></div>}
        </Card>
        {app && may("helpdesk") && <Card title="Login screen" class="phone-app"><DeskApp app={app} /></Card>}
        {phone.role === "hot-desk" && may("helpdesk") && <Card title="Log in from one's own phone" class="phone-desk"><DeskPage mac={phone.mac} /></Card>}
        <Card title="What it is told" class="phone-config"><Configuration mac={phone.mac} /></Card>
      </div>
      {editing && <EditDialog before={editing} onClose={() => { setEditing(null); one.reload(); }} />}
      {dialog === "convert" && <ConvertDialog phones={[phone]} onClose={() => setDialog(null)} />}
      {dialog === "assign" && <AssignDialog phone={phone} onClose={() => { setDialog(null); one.reload(); }} />}
      {dialog === "login" && desk && <LogInDialog row={desk} onClose={() => setDialog(null)} />}
    </PageFrame>
  );
}
