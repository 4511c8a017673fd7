// The shadow report: whom the limits turn away, or would.

import { useEffect, useState } from "preact/hooks";
import { get } from "../api/client";
import { wordsOf } from "../api/problem";
import type { Shadow } from "../api/types";
import { count } from "../lib/text";
import { exact } from "../lib/time";
import { Card, Loading, Mac, Problem } from "../ui/parts";
import { Filter } from "../ui/tools";
import { BlockStories } from "./block_stories";

const MOST_NAMED = 24; // phones; each block names its own

function Report({ report }: { report: Shadow }) {
  if (report.blocks_count === 0)
    return (
      <p class="quiet">
        {report.events === 0 ? "The journal holds no events of that time." : `Nobody: in ${count(report.events, "event")} from ${exact(report.from)} to ${exact(report.until)} no limit was reached.`}
      </p>
    );
  const { phones } = report;
  return (
    <>
      <p>
        {count(report.blocks_count, "block")} from {exact(report.from)} to {exact(report.until)}, after {count(report.failures, "failed attempt")}.{" "}
        {report.successes === 0 ? "Nothing went well there meanwhile: nobody was hit who should not be." : <strong>{count(report.successes, "login or fetch", "logins and fetches")} went well there meanwhile: people and phones that such a block turns away.</strong>}
      </p>
      <p>
        {phones.length === 0 ? "None of our phones was behind that." : (
          <>
            Phones behind that: {phones.slice(0, MOST_NAMED).map((mac, index) => <span key={mac}>{index > 0 && ", "}<Mac mac={mac} /></span>)}
            {phones.length > MOST_NAMED && ` and ${count(phones.length - MOST_NAMED, "more phone")}`}.
          </>
        )}
      </p>
      {report.blocks_count > report.blocks.length && <p class="quiet small">Of the first {count(report.blocks.length, "block")}:</p>}
      <BlockStories caption="Blocks by limits" stories={report.blocks} />
    </>
  );
}

// Read once for each span of time, not at every change: the daemon walks through its journal for it.
export function ShadowReport() {
  const [since, setSince] = useState("7d");
  const [report, setReport] = useState<Shadow | null>(null);
  const [error, setError] = useState("");
  const [again, setAgain] = useState(0);
  useEffect(() => {
    const running = new AbortController();
    setError("");
    get<Shadow>("/acl/shadow", { since }, running.signal).then(setReport, (failure) => !running.signal.aborted && setError(wordsOf(failure)));
    return () => running.abort();
  }, [since, again]);
  return (
    <Card
      title="Shadow report"
      actions={
        <Filter label="Since" value={since} onInput={(value) => { setReport(null); setSince(value); }}>
          <option value="1d">1 day</option>
          <option value="7d">7 days</option>
          <option value="30d">30 days</option>
          <option value="90d">90 days</option>
        </Filter>
      }
    >
      <p class="small">
        In shadow mode (<code>enforce = "shadow"</code>) stormdoor decides and writes down everything, but refuses nobody: made for the first week, to see here whom the limits would turn away before anybody is. Otherwise these blocks were real.
      </p>
      {error ? <Problem text={error} again={() => setAgain(again + 1)} /> : report ? <Report report={report} /> : <Loading what="Reading the journal" />}
    </Card>
  );
}
