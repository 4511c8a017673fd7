// Audit: who changed what, from what, to what.

import { useMemo, useState } from "preact/hooks";
import { Download } from "lucide-preact";
import { useList } from "../api/lists";
import type { AuditRow } from "../api/types";
import { toCsv } from "../lib/csv";
import { matches } from "../lib/text";
import { exact } from "../lib/time";
import { Dialog } from "../ui/dialog";
import { Badge, Empty, Loading, PageFrame, Problem } from "../ui/parts";
import { save } from "../ui/save";
import { Table, type Column } from "../ui/table";
import { Filter, Tools } from "../ui/tools";

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

export function Audit() {
  const list = useList<AuditRow>("/audit");
  const [search, setSearch] = useState("");
  const [who, setWho] = useState("");
  const [opened, setOpened] = useState<AuditRow | null>(null);
  const people = useMemo(() => [...new Set(list.rows.map((row) => row.who))].sort(), [list.rows]);
  const shown = useMemo(
    () =>
      list.rows
        .filter((row) => (who === "" || row.who === who) && matches(search, [row.who, row.action, row.about, text(row.before), text(row.after)]))
        .sort((a, b) => (a.time < b.time ? 1 : -1)),
    [list.rows, search, who],
  );
  const columns: Column<AuditRow>[] = [
    { title: "Time", cell: (row) => <time dateTime={row.time} class="mono">{exact(row.time)}</time>, sort: (row) => row.time, width: "190px", card: "title" },
    { title: "Who", cell: (row) => row.who, sort: (row) => row.who, width: "minmax(100px, 0.7fr)" },
    { title: "Role", cell: (row) => <Badge tone="quiet">{row.role}</Badge>, sort: (row) => row.role, width: "140px", card: "badge" },
    { title: "What", cell: (row) => <button type="button" class="text" onClick={() => setOpened(row)}>{row.action} {row.about}</button>, sort: (row) => row.action, width: "minmax(200px, 1.6fr)" },
    { title: "Before", cell: (row) => <span class="mono clip" title={text(row.before)}>{text(row.before)}</span>, width: "minmax(120px, 1fr)", card: "hide" },
    { title: "After", cell: (row) => <span class="mono clip" title={text(row.after)}>{text(row.after)}</span>, width: "minmax(120px, 1fr)", card: "hide" },
  ];
  const download = () => {
    const csv = toCsv([["time", "who", "role", "action", "about", "before", "after"], ...shown.map((row) => [row.time, row.who, row.role, row.action, row.about, text(row.before), text(row.after)])]);
    save("audit.csv", csv);
  };
  return (
    <PageFrame
      trail={[]}
      title="Audit"
      lead="Every change: who made it, what it was before and after."
      actions={list.rows.length > 0 && <button type="button" class="secondary" onClick={download}><Download aria-hidden="true" /> CSV</button>}
    >
      {list.error && <Problem text={list.error} again={list.reload} />}
      {list.loading && list.rows.length === 0 ? <Loading what="Reading the audit log" /> : (
        <>
          {list.rows.length > 0 && (
            <Tools search={search} onSearch={setSearch} what="Search in changes" shown={shown.length} total={list.total} noun={["change", "changes"]} loading={list.loading}>
              <Filter label="Who" value={who} onInput={setWho}>
                <option value="">Anybody</option>
                {people.map((one) => <option key={one}>{one}</option>)}
              </Filter>
            </Tools>
          )}
          <Table
            caption="Changes" columns={columns} rows={shown} id={(row) => String(row.id)} noun={["change", "changes"]} open={setOpened}
            empty={list.rows.length === 0 && !list.error ? <Empty title="Nothing was changed yet">From the first change on, each is written down here, whoever makes it and wherever: portal, API or shell.</Empty>
              : list.rows.length > 0 ? <Empty title="None like that">No change fits the search and filters.</Empty> : null}
          />
        </>
      )}
      {opened && <Change row={opened} onClose={() => setOpened(null)} />}
    </PageFrame>
  );
}
