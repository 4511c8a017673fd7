// Overview: what needs somebody, then how it goes. Made to be read from across the room.

import { useMemo } from "preact/hooks";
import { Link } from "wouter-preact";
import { ChevronRight, CircleAlert, CircleCheckBig, ShieldAlert, TriangleAlert } from "lucide-preact";
import { rowsOf } from "../api/client";
import { live } from "../api/live";
import { useOne } from "../api/lists";
import type { Attention, EventRow, OverviewData, Page } from "../api/types";
import { bytes, grouped } from "../lib/series";
import { clock, withLocalTimes } from "../lib/time";
import { Chart, type Line } from "../ui/chart";
import { Card, Loading, PageFrame, Problem } from "../ui/parts";

const GRAVE = /block|conflict|refus|health/;

function icon(one: Attention) {
  if (/block|refus/.test(one.kind)) return <ShieldAlert aria-hidden="true" />;
  return GRAVE.test(one.kind) ? <CircleAlert aria-hidden="true" /> : <TriangleAlert aria-hidden="true" />;
}

function AttentionList({ list }: { list: Attention[] }) {
  if (list.length === 0)
    return (
      <section class="calm" aria-label="Needs attention">
        <CircleCheckBig aria-hidden="true" />
        <div>
          <h2>Nothing needs you</h2>
          <p>Every phone that was changed is back, and nobody is refused who should not be.</p>
        </div>
      </section>
    );
  return (
    <section class="attention" aria-labelledby="attention">
      <h2 id="attention">Needs attention <span class="count">{list.length}</span></h2>
      <ul>
        {list.map((one) => (
          <li key={one.kind + one.text} class={GRAVE.test(one.kind) ? "grave" : ""}>
            <Link href={one.link || "/security/events"}>
              {icon(one)}
              <span>{withLocalTimes(one.text)}</span>
              <ChevronRight aria-hidden="true" />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

// Which numbers are shown, what they are called, where they lead.
const NAMES: [string, string, string][] = [
  ["total", "Phones", "/setup/phones/desk-phones?role=all"],
  ["desk", "Desk phones", "/setup/phones/desk-phones?role=desk"],
  ["hot_desk", "Hot desks", "/setup/phones/hot-desking"],
  ["logged_in", "Logged in", "/setup/phones/hot-desking"],
  ["booting", "Booting now", "/security/events"],
  ["unassigned", "Unassigned", "/setup/phones/desk-phones?role=unassigned"],
  ["restarting", "Restarting", "/setup/phones/desk-phones?role=all&restart=restarting"],
  ["by_hand", "To restart by hand", "/setup/phones/desk-phones?role=all&restart=by-hand"],
  ["misplaced", "Out of place", "/security/out-of-place"],
];

function Numbers({ data }: { data: OverviewData }) {
  const always = 5; // the rest only when it is not zero
  const known = NAMES.filter(([key], index) => data.phones[key] !== undefined && (index < always || data.phones[key]! > 0));
  return (
    <dl class="numbers">
      {known.map(([key, label, to]) => (
        <div key={key}><dt><Link href={to}>{label}</Link></dt><dd>{data.phones[key]!.toLocaleString("en")}</dd></div>
      ))}
      <div class={data.blocks > 0 ? "warm" : ""}><dt><Link href="/security/blocks">Blocks</Link></dt><dd>{data.blocks.toLocaleString("en")}</dd></div>
    </dl>
  );
}

function Latest() {
  const past = useOne<Page<EventRow> | EventRow[]>("/events", { limit: 8 });
  const fresh = live.value.slice(-8).reverse();
  const older = past.data ? rowsOf(past.data) : [];
  const events = [...fresh, ...older.filter((event) => !fresh.some((one) => one.number === event.number))]
    .sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0))
    .slice(0, 8);
  return (
    <Card title="Just now" actions={<Link href="/security/events">All events</Link>}>
      {events.length === 0 ? <p class="quiet">Nothing happened yet.</p> : (
        <ol class="latest">
          {events.map((event, index) => (
            <li key={event.number ?? index}><time dateTime={event.time}>{clock(event.time)}</time> <span>{withLocalTimes(event.text)}</span></li>
          ))}
        </ol>
      )}
    </Card>
  );
}

export function Overview() {
  const overview = useOne<OverviewData>("/overview", undefined, 2000, true);
  const data = overview.data;
  const charts = useMemo(
    () =>
      grouped(data?.series ?? []).map((group) => ({
        ...group,
        lines: group.lines.map((line, index) => ({ ...line, tone: ((index % 4) + 1) as Line["tone"] })),
      })),
    [data?.series],
  );
  return (
    <PageFrame trail={[]} title="Overview">
      {overview.error && <Problem text={overview.error} />}
      {!data ? (!overview.error && <Loading what="Looking around" />) : (
        <>
          <AttentionList list={data.attention} />
          <Numbers data={data} />
          <div class="charts">
            {charts.map((chart) => (
              <Card key={chart.title}>
                <Chart title={chart.title} lines={chart.lines} {...(chart.unit === "bytes" ? { format: bytes } : {})} />
              </Card>
            ))}
            <Latest />
          </div>
        </>
      )}
    </PageFrame>
  );
}
