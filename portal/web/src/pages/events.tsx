// Events: those of the journal, and new ones at the top while Follow is on.

import { useEffect, useMemo, useState } from "preact/hooks";
import { Link, useLocation, useSearch } from "wouter-preact";
import { live } from "../api/live";
import { useOne } from "../api/lists";
import type { EventRow, Page } from "../api/types";
import { matches } from "../lib/text";
import { exact, withLocalTimes } from "../lib/time";
import { Toggle } from "../ui/field";
import { Badge, Empty, Loading, Mac, Problem, type Tone } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { Filter, Tools } from "../ui/tools";

const TONES: Record<string, Tone> = {
  block: "bad", failure: "warn", "binding-conflict": "bad", "misplaced-phone": "warn", problem: "bad", "stale-phone": "warn",
  change: "info", conversion: "info", unblock: "good", served: "quiet",
};

const keyOf = (event: EventRow) => `${event.time} ${event.kind} ${event.text}`;

export function Events() {
  const asked = new URLSearchParams(useSearch());
  const about = asked.get("about") ?? "";
  const [search, setSearch] = useState("");
  const [kind, setKind] = useState("");
  const [since, setSince] = useState(asked.get("since") ?? "");
  const [follows, setFollows] = useState(true);
  const [held, setHeld] = useState<EventRow[]>([]);
  const [, go] = useLocation();
  const past = useOne<Page<EventRow> | EventRow[]>("/events", { limit: 1000, since: since || undefined, about: about || undefined });
  useEffect(() => {
    if (follows) setHeld(live.value);
  }, [follows, live.value]);

  const rows = useMemo(() => {
    const older = past.data ? (Array.isArray(past.data) ? past.data : past.data.items) : [];
    const seen = new Set(older.map(keyOf));
    const fresh = held.filter((event) => !seen.has(keyOf(event)) && (about === "" || [event.source, event.phone, event.extension].includes(about)));
    return [...older, ...fresh].sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : (b.number ?? 0) - (a.number ?? 0)));
  }, [past.data, held, about]);
  const kinds = useMemo(() => [...new Set(rows.map((row) => row.kind))].sort(), [rows]);
  const shown = useMemo(
    () => rows.filter((row) => (kind === "" || row.kind === kind) && matches(search, [row.text, row.kind, row.source ?? "", row.phone ?? "", row.extension ?? "", row.by ?? ""])),
    [rows, kind, search],
  );
  const columns: Column<EventRow>[] = [
    { title: "Time", cell: (row) => <time dateTime={row.time} class="mono">{exact(row.time)}</time>, width: "190px", card: "title" },
    { title: "Kind", cell: (row) => <Badge tone={TONES[row.kind] ?? "quiet"}>{row.kind}</Badge>, width: "150px", card: "badge" },
    { title: "What", cell: (row) => <span title={row.text}>{withLocalTimes(row.text)}</span>, width: "minmax(260px, 3fr)", card: "wrap" },
    { title: "Source", cell: (row) => row.source && <Link class="mono" href={`/security/why?about=${encodeURIComponent(row.source)}`}>{row.source}</Link>, width: "minmax(120px, 0.8fr)", card: "hide" },
    { title: "Phone", cell: (row) => row.phone && <Mac mac={row.phone} />, width: "170px", card: "hide" },
    { title: "By", cell: (row) => row.by ?? "", width: "90px", card: "hide" },
  ];
  return (
    <>
      {about && (
        <p class="note">
          Only about {about}. <Link href="/security/events">Show all</Link>
        </p>
      )}
      {past.error && <Problem text={past.error} again={past.reload} />}
      {!past.data && !past.error ? <Loading what="Reading the events" /> : (
        <>
          <Tools search={search} onSearch={setSearch} what="Search in what happened" shown={shown.length} total={rows.length} noun={["event", "events"]}>
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
            caption="Events" columns={columns} rows={shown} id={keyOf} noun={["event", "events"]}
            open={(row) => go(row.phone ? `/phones/${encodeURIComponent(row.phone)}` : row.source ? `/security/why?about=${encodeURIComponent(row.source)}` : "/security/events")}
            empty={rows.length === 0 ? <Empty title="Nothing happened yet">Boots, failed logins, blocks and changes appear here.</Empty> : <Empty title="None like that">No event fits the search and filters.</Empty>}
          />
        </>
      )}
    </>
  );
}
