// Audit: who changed what, from what, to what.

import { useEffect, useRef, useState } from "preact/hooks";
import { Download } from "lucide-preact";
import { all, may } from "../api/client";
import { useLog } from "../api/lists";
import type { AuditRow } from "../api/types";
import { toCsv } from "../lib/csv";
import { exact } from "../lib/time";
import { Dialog } from "../ui/dialog";
import { Badge, Empty, Loading, PageFrame, Problem } from "../ui/parts";
import { save } from "../ui/save";
import { Table, type Column } from "../ui/table";
import { complain } from "../ui/toast";
import { Tools } from "../ui/tools";
import { NotForYou } from "./nowhere";

function text(value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function fields(value: unknown): Record<string, unknown> {
  if (typeof value === "string") {
    try {
      return fields(JSON.parse(value));
    } catch {
      return value === "" ? {} : { is: value };
    }
  }
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function Change({ row, onClose }: { row: AuditRow; onClose: () => void }) {
  const before = fields(row.before);
  const after = fields(row.after);
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return (
    <Dialog title={`${row.action} ${row.about}`} onClose={onClose} wide>
      <div class="dialog-body">
        <p>{row.who} ({row.role}), {exact(row.time)}</p>
        {names.length === 0 ? <p class="quiet">No values were written down for this.</p> : (
          <div class="scroll" tabIndex={0} role="region" aria-label="Before and after">
            <table class="plain-table">
              <thead><tr><th scope="col">What</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
              <tbody>
                {names.map((name) => {
                  const differs = text(before[name]) !== text(after[name]);
                  return (
                    <tr key={name} class={differs ? "differs" : ""}>
                      <th scope="row">{name}</th><td class="mono">{text(before[name])}</td><td class="mono">{text(after[name])}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        )}
      </div>
      <footer><button type="button" data-autofocus="" onClick={onClose}>Close</button></footer>
    </Dialog>
  );
}

const PAGE = 200;
const NOUN: [string, string] = ["change", "changes"];

function Changes() {
  const [search, setSearch] = useState("");
  const [asked, setAsked] = useState(""); // what is searched for, when typing pauses
  useEffect(() => {
    const timer = setTimeout(() => setAsked(search.trim()), 250);
    return () => clearTimeout(timer);
  }, [search]);
  const log = useLog<AuditRow>("/audit", { limit: PAGE, search: asked || undefined });
  const [opened, setOpened] = useState<AuditRow | null>(null);
  const [busy, setBusy] = useState("");
  const frame = useRef<HTMLDivElement>(null);
  const rows = log.data?.items ?? [];

  const run = async (what: string, action: () => Promise<void>) => {
    setBusy(what);
    await action().catch(complain);
    setBusy("");
  };
  const older = () => {
    frame.current?.querySelector<HTMLElement>(".rows")?.focus();
    return log.older();
  };
  const download = async () => {
    let found: AuditRow[] = [];
    await all<AuditRow>("/audit", { search: asked || undefined }, (some) => (found = some), new AbortController().signal);
    save("audit.csv", toCsv([["time", "who", "role", "action", "about", "before", "after"], ...found.map((row) => [row.time, row.who, row.role, row.action, row.about, text(row.before), text(row.after)])]));
  };
  const columns: Column<AuditRow>[] = [
    { title: "Time", cell: (row) => <time dateTime={row.time} class="mono">{exact(row.time)}</time>, width: "12.7rem", card: "title" },
    { title: "Who", cell: (row) => row.who, width: "minmax(6.7rem, 0.7fr)" },
    { title: "Role", cell: (row) => <Badge tone="quiet">{row.role}</Badge>, width: "9.3rem", card: "badge" },
    { title: "What", cell: (row) => <button type="button" class="text why" onClick={() => setOpened(row)}><span class="clamp">{row.action} {row.about}</span></button>, width: "minmax(13.3rem, 1.6fr)", card: "wrap" },
    { title: "Before", cell: (row) => <span class="mono clip" title={text(row.before)}>{text(row.before)}</span>, width: "minmax(8rem, 1fr)", card: "hide" },
    { title: "After", cell: (row) => <span class="mono clip" title={text(row.after)}>{text(row.after)}</span>, width: "minmax(8rem, 1fr)", card: "hide" },
  ];
  return (
    <PageFrame
      trail={[]}
      title="Audit"
      lead="Every change: who made it, what it was before and after."
      actions={rows.length > 0 && <button type="button" class="secondary" aria-busy={busy === "csv"} disabled={busy !== ""} onClick={() => run("csv", download)}><Download aria-hidden="true" /> CSV</button>}
    >
      {log.error && <Problem text={log.error} again={log.reload} />}
      {(rows.length > 0 || search !== "" || asked !== "") && <Tools search={search} onSearch={setSearch} what="Search in changes" shown={rows.length} total={log.data?.total ?? 0} noun={NOUN} />}
      {!log.data ? !log.error && <Loading what="Reading the audit log" /> : (
        <div ref={frame}>
          <Table
            caption="Changes" columns={columns} rows={rows} id={(row) => String(row.id)} noun={NOUN} open={setOpened}
            empty={asked === "" ? <Empty title="Nothing was changed yet">From the first change on, each is written down here, whoever makes it and wherever: portal, API or shell.</Empty> : <Empty title="None like that">No change fits the search.</Empty>}
          />
          {log.data.next && <p class="older"><button type="button" class="secondary" aria-busy={busy === "older"} disabled={busy !== ""} onClick={() => run("older", older)}>Older changes</button></p>}
        </div>
      )}
      {opened && <Change row={opened} onClose={() => setOpened(null)} />}
    </PageFrame>
  );
}

export function Audit() {
  return may("helpdesk") ? <Changes /> : <NotForYou title="Audit">Only helpdesk and administrators see who changed what.</NotForYou>;
}
