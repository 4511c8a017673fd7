import { useMemo, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { Ban, HeartHandshake } from "lucide-preact";
import { may, post, remove } from "../api/client";
import { changed, useList } from "../api/lists";
import { ApiError, problemOf, sentence } from "../api/problem";
import type { BlockRow, Done } from "../api/types";
import { matches } from "../lib/text";
import { until, withLocalTimes } from "../lib/time";
import { Dialog, FormDialog } from "../ui/dialog";
import { Field, Select, Toggle } from "../ui/field";
import { Badge, Empty, Loading, Problem, When } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { complain, say } from "../ui/toast";
import { Filter, Tools } from "../ui/tools";
import { LeaseDialog } from "./leases";
import { WhyStory } from "./why";

const NOUN: [string, string] = ["block", "blocks"];
export const SERVICES = ["provisioning", "desk-login", "sip", "portal", "api"];

const what = (row: BlockRow) => ({ source: row.source, service: row.service, ...(row.account ? { account: row.account } : {}) });

// Seconds that a block still lasts; Infinity: until somebody removes it.
const secondsLeft = (row: BlockRow) => (row.until === "removed" ? Infinity : Math.round((Date.parse(row.until) - Date.now()) / 1000));

// Who lets a source in lets in what is refused of its accounts as well.
const below = (row: BlockRow, rows: BlockRow[]) => (row.account ? [] : rows.filter((one) => one.source === row.source && one.service === row.service && one.account !== ""));

function refuseAgain(row: BlockRow): void {
  const left = secondsLeft(row);
  if (left < 1) return say(`The block of ${row.source} would be over by now.`);
  post("/blocks", { source: row.source, service: row.service, reason: row.reason, ...(left < Infinity ? { for: `${left}s` } : {}) })
    .then(() => changed("/blocks"))
    .catch(complain);
}

// The services for which it stays refused when only this row goes.
const elsewhere = (row: BlockRow, rows: BlockRow[]) =>
  rows.filter((one) => one.source === row.source && one.account === row.account && one.service !== row.service).map((one) => one.service);

const whom = (row: BlockRow) => (row.account ? `${row.account} at ${row.source}` : row.source);

async function unblock(row: BlockRow, rows: BlockRow[], everywhere: boolean): Promise<void> {
  const { service, ...who } = what(row);
  await remove<Done>("/blocks", { query: everywhere ? who : { ...who, service } });
  changed("/blocks");
  const others = elsewhere(row, rows);
  if (everywhere) return say(`${whom(row)} is let in again.`);
  // Only an administrator refuses, and only whole sources: what could not be put back as it was has no Undo.
  const canUndo = may("administrator") && row.account === "" && below(row, rows).length === 0;
  say(
    `${whom(row)} is let in again for ${service}.${others.length > 0 ? ` It is still refused for ${others.join(", ")}.` : ""}`,
    canUndo ? { label: "Undo", run: () => refuseAgain(row) } : undefined,
  );
}

function UnblockDialog({ row, rows, onClose }: { row: BlockRow; rows: BlockRow[]; onClose: () => void }) {
  const [everywhere, setEverywhere] = useState(false);
  const others = elsewhere(row, rows);
  const accounts = below(row, rows).map((one) => one.account);
  return (
    <FormDialog
      title={`Let ${whom(row)} in again for ${everywhere ? "everything" : row.service}?`}
      submit="Let in"
      onClose={onClose}
      onSubmit={async () => {
        await unblock(row, rows, everywhere);
        onClose();
      }}
    >
      <p>It was refused because of this: {withLocalTimes(sentence(row.reason))}</p>
      {!row.by_administrator && <p>What it did is not forgotten; if it goes on, it is refused again, for longer.</p>}
      {accounts.length > 0 && <p class="note">{accounts.length === 1 ? "The account" : "The accounts"} {accounts.join(", ")} there {accounts.length === 1 ? "is" : "are"} let in as well.</p>}
      {others.length > 0 && <Toggle label="For all services" on={everywhere} onInput={setEverywhere} hint={`It is refused for ${others.join(", ")} as well.`} />}
    </FormDialog>
  );
}

function BlockDialog({ onClose }: { onClose: () => void }) {
  const [source, setSource] = useState("");
  const [service, setService] = useState("");
  const [duration, setDuration] = useState("");
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [evenMe, setEvenMe] = useState(false); // he was told that it would refuse himself
  return (
    <FormDialog
      title="Refuse an address"
      submit={evenMe ? "Refuse even me" : "Refuse"}
      danger
      disabled={source.trim() === ""}
      onClose={onClose}
      onSubmit={async () => {
        try {
          const done = await post<Done>("/blocks", { source: source.trim(), ...(service ? { service } : {}), ...(duration ? { for: duration.trim() } : {}), ...(reason ? { reason } : {}), ...(evenMe ? { even_me: true } : {}) });
          changed("/blocks");
          say(done.message ?? `${source} is refused.`);
          onClose();
        } catch (failure) {
          setError(failure);
          if (!(failure instanceof ApiError) || failure.status !== 409) throw failure;
          setEvenMe(true);
        }
      }}
    >
      <Field label="Address or prefix" value={source} onInput={(value) => { setSource(value); setEvenMe(false); }} autoFocus placeholder="198.51.100.7" mistake={problemOf(error, "source")} />
      <Select label="Service" value={service} onInput={(value) => { setService(value); setEvenMe(false); }} hint={service === "provisioning" || service === "" ? "Includes provisioning: phones behind this address get no configuration." : "Provisioning stays open, so a phone behind it can still be mended."}>
        <option value="">All</option>
        {SERVICES.map((one) => <option key={one}>{one}</option>)}
      </Select>
      <Field label="For" value={duration} onInput={setDuration} placeholder="1h" hint="Like 30m, 12h, 7d. Empty: until somebody removes it." mistake={problemOf(error, "for")} />
      <Field label="Reason" value={reason} onInput={setReason} hint="Shown to whoever asks why." />
      {evenMe && (
        <p class="note" role="alert">
          <strong>This refuses your own address, at this portal too.</strong> You could not undo it here; only <code>stormdoor blocks remove</code> on the server lets you in again.
        </p>
      )}
    </FormDialog>
  );
}

export function Blocks() {
  const blocks = useList<BlockRow>("/blocks");
  const [search, setSearch] = useState("");
  const [service, setService] = useState("");
  const [adding, setAdding] = useState(false);
  const [opened, setOpened] = useState<BlockRow | null>(null);
  const [unblocking, setUnblocking] = useState<BlockRow | null>(null);
  const [forgiving, setForgiving] = useState(false);
  const shown = useMemo(
    () => blocks.rows.filter((row) => (service === "" || row.service === service) && matches(search, [row.source, row.account, row.reason, row.service])),
    [blocks.rows, search, service],
  );
  const columns: Column<BlockRow>[] = [
    { title: "Source", cell: (row) => <Link class="mono" href={`/security/why?about=${encodeURIComponent(row.source.split("/")[0]!)}`}>{row.source}</Link>, sort: (row) => row.source, width: "minmax(150px, 0.9fr)", card: "title" },
    { title: "Service", cell: (row) => <Badge tone="bad">{row.service}</Badge>, sort: (row) => row.service, width: "130px", card: "badge" },
    { title: "Why", cell: (row) => <button type="button" class="text why" onClick={() => setOpened(row)}>{row.reason}{row.account && ` (account ${row.account} only)`}</button>, width: "minmax(240px, 3fr)" },
    { title: "Since", cell: (row) => <When time={row.since} />, sort: (row) => row.since, width: "110px", card: "hide" },
    { title: "Until", cell: (row) => until(row.until), sort: (row) => row.until, width: "minmax(160px, 1fr)" },
  ];
  return (
    <>
      <div class="part-actions">
        {may("administrator") && <button type="button" class="secondary" onClick={() => setForgiving(true)}><HeartHandshake aria-hidden="true" /> Forgive a phone</button>}
        {may("administrator") && <button type="button" class="secondary" onClick={() => setAdding(true)}><Ban aria-hidden="true" /> Refuse an address</button>}
      </div>
      {blocks.error && <Problem text={blocks.error} again={blocks.reload} />}
      {blocks.loading ? <Loading what="Reading the blocks" /> : (
        <>
          {blocks.rows.length > 0 && (
            <Tools search={search} onSearch={setSearch} what="Search by address, account or reason" shown={shown.length} total={blocks.total} noun={NOUN}>
              <Filter label="Service" value={service} onInput={setService}>
                <option value="">Any</option>
                {SERVICES.map((one) => <option key={one}>{one}</option>)}
              </Filter>
            </Tools>
          )}
          <Table
            caption="Blocks" columns={columns} rows={shown} id={(row) => `${row.source} ${row.service} ${row.account}`.trim()} noun={NOUN} open={setOpened}
            {...(may("helpdesk") ? { actionsWidth: "100px", actions: (row: BlockRow) => <button type="button" class="small secondary" aria-label={`Unblock ${row.source} for ${row.service}`} onClick={() => setUnblocking(row)}>Unblock</button> } : {})}
            empty={
              blocks.rows.length === 0 && !blocks.error
                ? <Empty title="Nobody is refused">When somebody guesses passwords or sweeps for phones, the smallest thing that fits is refused and shown here with its evidence.</Empty>
                : blocks.rows.length > 0 ? <Empty title="None like that">No block fits the search and filters.</Empty> : null
            }
          />
        </>
      )}
      {unblocking && <UnblockDialog row={unblocking} rows={blocks.rows} onClose={() => setUnblocking(null)} />}
      {adding && <BlockDialog onClose={() => setAdding(false)} />}
      {forgiving && <LeaseDialog onClose={() => setForgiving(false)} />}
      {opened && (
        <Dialog title={`Why ${opened.source} is refused`} onClose={() => setOpened(null)} wide>
          <div class="dialog-body">
            <p class="verdict"><Badge tone="bad">{opened.service}</Badge> {withLocalTimes(sentence(opened.reason))} Refused since <When time={opened.since} />, {until(opened.until)}{opened.by_administrator ? ", by an administrator" : ""}.</p>
            <h3>The evidence</h3>
            <WhyStory about={opened.source.split("/")[0]!} />
          </div>
          <footer>
            <button type="button" class="secondary" data-autofocus="" onClick={() => setOpened(null)}>Close</button>
            {may("helpdesk") && <button type="button" onClick={() => { setUnblocking(opened); setOpened(null); }}>Unblock</button>}
          </footer>
        </Dialog>
      )}
    </>
  );
}
