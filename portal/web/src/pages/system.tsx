// System: how stormdoor itself is, and what it cannot promise here.

import { CircleCheckBig, TriangleAlert } from "lucide-preact";
import { BASE } from "../api/client";
import { useOne } from "../api/lists";
import type { StatusData } from "../api/types";
import { Card, Loading, PageFrame, Problem } from "../ui/parts";

const BAD = /not running|trouble|refused$|cannot/;

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
                    <div key={`${name}${index}`}><dt>{name}</dt><dd class={BAD.test(value) ? "mistake" : ""}>{value}</dd></div>
                  ))}
                </dl>
              </Card>
            ))}
          </div>
          {data.limits.length > 0 && (
            <Card title="What cannot be promised here">
              <ul class="limits">{data.limits.map((line) => <li key={line}>{line}</li>)}</ul>
            </Card>
          )}
          <Card title="Backup and API">
            <p>On the server, <code>stormdoor backup FILE</code> writes a copy while everything goes on. Keep the key file apart from it.</p>
            <p>What this portal does, your programs can do: <a href={`${BASE}/openapi.json`} target="_blank" rel="noreferrer">the API's description (OpenAPI)</a>.</p>
          </Card>
        </>
      )}
    </PageFrame>
  );
}
