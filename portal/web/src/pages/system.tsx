// System: how stormdoor itself is, and what it cannot promise here.

import { useState } from "preact/hooks";
import { CircleCheckBig, Download, RefreshCw, TriangleAlert } from "lucide-preact";
import { BASE, call, may, post } from "../api/client";
import { useOne } from "../api/lists";
import type { Reloaded, StatusData } from "../api/types";
import { withLocalTimes } from "../lib/time";
import { ask, Dialog } from "../ui/dialog";
import { Card, Loading, PageFrame, Problem } from "../ui/parts";
import { save } from "../ui/save";
import { complain, say } from "../ui/toast";

const BAD = /not running|trouble|refused$|cannot/;

function ReloadedDialog({ done, onClose }: { done: Reloaded; onClose: () => void }) {
  const parts: [string, string[]][] = [["In force now", done.changed], ["Only after a restart", done.needs_restart], ["Warnings", done.warnings]];
  return (
    <Dialog title="The configuration was read again" onClose={onClose}>
      <div class="dialog-body">
        {parts.filter(([, lines]) => lines.length > 0).map(([title, lines]) => (
          <section key={title}>
            <h3>{title}</h3>
            <ul>{lines.map((line) => <li key={line}>{line}</li>)}</ul>
          </section>
        ))}
      </div>
      <footer><button type="button" data-autofocus="" onClick={onClose}>Close</button></footer>
    </Dialog>
  );
}

// For administrators: the configuration's file again, and a copy of the database.
function Upkeep() {
  const [reloaded, setReloaded] = useState<Reloaded | null>(null);
  const [busy, setBusy] = useState(false);
  const askReload = () =>
    ask({
      title: "Read the configuration again?",
      action: "Read it",
      body: <p>What the file on the server says now takes effect at once, all or nothing: if anything in it is wrong, everything stays as it is and you are told where. Phones and sessions are not interrupted.</p>,
      run: async () => setReloaded(await post<Reloaded>("/reload")),
    });
  const backUp = async () => {
    setBusy(true);
    try {
      const { data } = await call<Blob>("GET", "/backup", { file: true });
      save(`stormdoor-${new Date().toISOString().slice(0, 10)}.db`, data, "application/octet-stream");
      say("The copy is among your downloads. Keep the server's key file apart from it.");
    } catch (error) {
      complain(error);
    }
    setBusy(false);
  };
  return (
    <>
      <div class="row-of-buttons">
        <button type="button" class="secondary small" aria-busy={busy} disabled={busy} onClick={backUp}><Download aria-hidden="true" /> Back up the database</button>
        <button type="button" class="secondary small" onClick={askReload}><RefreshCw aria-hidden="true" /> Read the configuration again</button>
      </div>
      {reloaded && <ReloadedDialog done={reloaded} onClose={() => setReloaded(null)} />}
    </>
  );
}

export function System() {
  const status = useOne<StatusData>("/status", undefined, 5000);
  const data = status.data;
  return (
    <PageFrame trail={[]} title="System" lead="Listeners, certificates, enforcement, versions.">
      {status.error && <Problem text={status.error} again={status.reload} />}
      {!data ? (!status.error && <Loading what="Asking stormdoor" />) : (
        <>
          <p class={`health ${data.healthy ? "good" : "bad"}`} role="status">
            {data.healthy ? <CircleCheckBig aria-hidden="true" /> : <TriangleAlert aria-hidden="true" />}
            {data.healthy ? "stormdoor is in good health." : "stormdoor is not well; the first section below says why."}
          </p>
          <div class="sections">
            {data.sections.filter((section) => section.rows.length > 0).map((section) => (
              <Card key={section.title} title={section.title}>
                <dl class="facts">
                  {section.rows.map(([name, value], index) => (
                    <div key={`${name}${index}`}><dt>{name}</dt><dd class={BAD.test(value) ? "mistake" : ""}>{withLocalTimes(value)}</dd></div>
                  ))}
                </dl>
              </Card>
            ))}
          </div>
          {data.limits.length > 0 && (
            <Card title="What cannot be promised here">
              <ul class="limits">{data.limits.map((line) => <li key={line}>{withLocalTimes(line)}</li>)}</ul>
            </Card>
          )}
          <Card title="Upkeep">
            {may("administrator") && <Upkeep />}
            <p>On the server, <code>stormdoor backup FILE</code> writes a copy of the database while everything goes on. Its secrets are sealed: a copy opens only with the key file, which belongs somewhere else.</p>
            <p>What this portal does, your programs can do: <a href={`${BASE}/openapi.json`} target="_blank" rel="noreferrer">the API's description (OpenAPI)</a>.</p>
          </Card>
        </>
      )}
    </PageFrame>
  );
}
