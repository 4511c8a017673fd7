// Events: those of the journal, and new ones at the top while Follow is on.

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Link, useSearch } from "wouter-preact";
import { attended, onAttention } from "../api/attention";
import { get, returns, rowsOf } from "../api/client";
import { latest, live } from "../api/live";
import { wordsOf } from "../api/problem";
import type { EventRow, Page } from "../api/types";
import { joined, kindOf, type Past } from "../lib/events";
import { matches } from "../lib/text";
import { exact, withLocalTimes } from "../lib/time";
import { Dialog } from "../ui/dialog";
import { Toggle } from "../ui/field";
import { Badge, Empty, Loading, Mac, Problem } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { Filter, Tools } from "../ui/tools";

const MOST = 1000;
const NOUN: [string, string] = ["event", "events"];

function useEvents(since: string, about: string, follows: boolean) {
  const [past, setPast] = useState<Past | null>(null);
  const [error, setError] = useState("");
  const [again, setAgain] = useState(0);
  const came = useRef(live.peek());
  if (follows) came.current = live.value;
  const reload = () => setAgain((n) => n + 1);

  useEffect(() => {
    const running = new AbortController();
    const last = latest();
    came.current = live.peek();
    setError("");
    get<Page<EventRow> | EventRow[]>("/events", { limit: MOST, since, about }, running.signal).then(
      (data) => setPast({ rows: rowsOf(data), latest: last }),
      (failure) => !running.signal.aborted && setError(wordsOf(failure)),
    );
    return () => running.abort();
  }, [since, about, again, returns.value]);

  // So many came that some were forgotten in between: they are remembered elsewhere.
  const isLost = past?.latest !== undefined && !came.current.includes(past.latest);
  useEffect(() => {
    if (!isLost) return;
    if (!attended()) return onAttention(reload);
    reload();
  }, [isLost]);

  const rows = useMemo(() => (past ? joined(past, came.current, about).reverse() : []), [past, came.current, about]);
  return { rows, error, isLoading: past === null, reload };
}

const Source = ({ source }: { source: string }) => <Link class="mono" href={`/security/why?about=${encodeURIComponent(source)}`}>{source}</Link>;

function Whole({ event, onClose }: { event: EventRow; onClose: () => void }) {
  const facts: [string, ComponentChildren][] = [
    ["Source", event.source && <Source source={event.source} />],
    ["Phone", event.phone && <Mac mac={event.phone} />],
    ["Extension", event.extension],
    ["By", event.by],
  ];
  return (
    <Dialog title={kindOf(event.kind).words} onClose={onClose} wide>
      <div class="dialog-body">
        <p class="quiet">{exact(event.time)}</p>
        <p class="whole">{withLocalTimes(event.text)}</p>
        <dl class="facts">{facts.filter(([, value]) => value).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      </div>
      <footer><button type="button" data-autofocus="" onClick={onClose}>Close</button></footer>
    </Dialog>
  );
}

export function Events() {
  const asked = new URLSearchParams(useSearch());
  const about = asked.get("about") ?? "";
  const [search, setSearch] = useState("");
  const [kind, setKind] = useState("");
  const [since, setSince] = useState(asked.get("since") ?? "");
  const [follows, setFollows] = useState(true);
  const [opened, setOpened] = useState<EventRow | null>(null);
  const { rows, error, isLoading, reload } = useEvents(since, about, follows);

  const kinds = useMemo(() => [...new Set(rows.map((row) => kindOf(row.kind).words))].sort(), [rows]);
  const shown = useMemo(
    () => rows.filter((row) => (kind === "" || kindOf(row.kind).words === kind) && matches(search, [withLocalTimes(row.text), kindOf(row.kind).words, row.source ?? "", row.phone ?? "", row.extension ?? "", row.by ?? ""])),
    [rows, kind, search],
  );
  // Counted from the oldest: a row keeps its number when others come.
  const numbers = useMemo(() => new Map(rows.map((row, index) => [row, String(rows.length - index)])), [rows]);
  const columns: Column<EventRow>[] = [
    { title: "Time", cell: (row) => <time dateTime={row.time} class="mono">{exact(row.time)}</time>, width: "12.3rem", card: "title" },
    { title: "Kind", cell: (row) => <Badge tone={kindOf(row.kind).tone}>{kindOf(row.kind).words}</Badge>, width: "10.3rem", card: "badge" },
    { title: "What", cell: (row) => <button type="button" class="text why" onClick={() => setOpened(row)}><span class="clamp">{withLocalTimes(row.text)}</span></button>, width: "minmax(20rem, 1fr)", card: "wrap" },
    { title: "Who", cell: (row) => row.phone ? <Mac mac={row.phone} /> : row.source ? <Source source={row.source} /> : (row.by ?? ""), width: "11.7rem", card: "hide" },
  ];
  return (
    <>
      {about && (
        <p class="note">
          Only about {about}. <Link href="/security/events">Show all</Link>
        </p>
      )}
      {error && <Problem text={error} again={reload} />}
      {isLoading ? !error && <Loading what="Reading the events" /> : (
        <>
          <Tools search={search} onSearch={setSearch} what="Search in what happened" shown={shown.length} total={rows.length} noun={NOUN}>
            <Filter label="Kind" value={kind} onInput={setKind}>
              <option value="">Any</option>
              {kinds.map((one) => <option key={one}>{one}</option>)}
            </Filter>
            <Filter label="Since" value={since} onInput={setSince}>
              <option value="">Latest</option>
              <option value="1h">1 hour</option>
              <option value="1d">1 day</option>
              <option value="7d">7 days</option>
              <option value="30d">30 days</option>
            </Filter>
            <Toggle label="Follow" on={follows} onInput={setFollows} />
          </Tools>
          <Table
            caption="Events" columns={columns} rows={shown} id={(row) => numbers.get(row) ?? ""} noun={NOUN} open={setOpened}
            empty={rows.length === 0 ? <Empty title="Nothing happened yet">Boots, failed logins, blocks and changes appear here.</Empty> : <Empty title="None like that">No event fits the search and filters.</Empty>}
          />
        </>
      )}
      {opened && <Whole event={opened} onClose={() => setOpened(null)} />}
    </>
  );
}
