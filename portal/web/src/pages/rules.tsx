// Access rules: the TOML as it is, mistakes at their lines, and what other rules would have done.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { post } from "../api/client";
import { useOne } from "../api/lists";
import { ApiError, sentence, wordsOf } from "../api/problem";
import type { Replay, ReplayedBlock, Rules, RulesReport } from "../api/types";
import { count, mistakesInRules, type RuleMistake } from "../lib/text";
import { exact } from "../lib/time";
import { Select } from "../ui/field";
import { Badge, Card, Empty, Loading, Problem } from "../ui/parts";
import { Table, type Column } from "../ui/table";

function Editor({ text, onInput, mistakes, jump }: { text: string; onInput: (text: string) => void; mistakes: RuleMistake[]; jump: number }) {
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLOListElement>(null);
  const lines = text.split("\n").length;
  const wrong = new Set(mistakes.map((one) => one.line));
  useEffect(() => {
    if (jump <= 0 || !area.current) return;
    const before = text.split("\n").slice(0, jump - 1).join("\n").length + (jump > 1 ? 1 : 0);
    area.current.focus();
    area.current.setSelectionRange(before, before + (text.split("\n")[jump - 1]?.length ?? 0));
    area.current.scrollTop = Math.max(0, (jump - 6) * 21);
  }, [jump]);
  return (
    <div class="editor">
      <ol ref={gutter} class="gutter" aria-hidden="true">
        {Array.from({ length: lines }, (_, index) => <li key={index} class={wrong.has(index + 1) ? "wrong" : ""}>{index + 1}</li>)}
      </ol>
      <textarea
        ref={area}
        aria-label="Access rules, TOML"
        aria-invalid={mistakes.length > 0 ? "true" : undefined}
        aria-describedby={mistakes.length > 0 ? "rule-mistakes" : undefined}
        spellcheck={false}
        wrap="off"
        value={text}
        onInput={(event) => onInput(event.currentTarget.value)}
        onScroll={(event) => gutter.current && (gutter.current.scrollTop = event.currentTarget.scrollTop)}
      />
    </div>
  );
}

function Outcome({ replay }: { replay: Replay }) {
  const rows = [
    ...replay.appeared.map((row) => ({ ...row, what: "appears" })),
    ...replay.vanished.map((row) => ({ ...row, what: "vanishes" })),
  ];
  type Row = ReplayedBlock & { what: string };
  const columns: Column<Row>[] = [
    { title: "Source", cell: (row) => <span class="mono">{row.source}</span>, width: "minmax(140px, 1fr)", card: "title" },
    { title: "Block", cell: (row) => <Badge tone={row.what === "appears" ? "bad" : "good"}>{row.what}</Badge>, width: "110px", card: "badge" },
    { title: "Service", cell: (row) => row.service, width: "110px" },
    { title: "Phones", cell: (row) => row.phones.join(" ") || "none of ours", width: "minmax(150px, 1.2fr)" },
    { title: "Failed", cell: (row) => row.failures, width: "80px", end: true, card: "hide" },
    { title: "Went well", cell: (row) => row.successes, width: "100px", end: true, card: "hide" },
    { title: "Why", cell: (row) => <span title={row.reason}>{row.reason}</span>, width: "minmax(200px, 2fr)" },
  ];
  return (
    <Card title="What these rules would have done">
      {replay.events === 0 ? <p>The journal holds no events of that time.</p> : (
        <p>
          {count(replay.events, "event")} from {exact(replay.from)} to {exact(replay.until)}: {count(replay.actual, "block")} as it was,{" "}
          {replay.simulated.toLocaleString("en")} under these rules. {replay.same.toLocaleString("en")} the same, <strong>{replay.appeared_count.toLocaleString("en")} appear</strong>,{" "}
          <strong>{replay.vanished_count.toLocaleString("en")} vanish</strong>.
        </p>
      )}
      {replay.events > 0 && (
        <Table caption="Blocks that would change" columns={columns} rows={rows} id={(row) => `${row.what} ${row.source} ${row.service} ${row.since} ${row.account}`} empty={<p class="quiet">No block would appear or vanish.</p>} height="24rem" />
      )}
    </Card>
  );
}

export function RulesEditor() {
  const rules = useOne<Rules>("/acl");
  const [text, setText] = useState<string | null>(null);
  const [since, setSince] = useState("30d");
  const [verdict, setVerdict] = useState<{ good: string; mistakes: RuleMistake[]; warnings: string[] } | null>(null);
  const [replay, setReplay] = useState<Replay | null>(null);
  const [busy, setBusy] = useState("");
  const [jump, setJump] = useState(0);
  const shown = text ?? rules.data?.toml ?? "";
  const edited = text !== null && text !== rules.data?.toml;
  const mistakes = useMemo(() => verdict?.mistakes ?? [], [verdict]);

  const failed = (error: unknown) => {
    const found =
      error instanceof ApiError && error.fields.some((one) => one.row !== undefined)
        ? error.fields.map((one) => ({ line: one.row ?? 0, text: one.detail }))
        : mistakesInRules(error instanceof ApiError && error.fields.length > 0 ? error.fields.map((one) => one.detail).join("\n") : error instanceof Error ? error.message : wordsOf(error));
    setVerdict({ good: "", mistakes: found, warnings: [] });
  };
  const run = async (what: "check" | "replay") => {
    setBusy(what);
    setJump(0);
    try {
      if (what === "check") {
        const report = await post<RulesReport>("/acl/check", { toml: shown });
        setVerdict({
          good: report.valid ? `These rules are valid${report.expectations > 0 ? `; ${count(report.expectations, "expectation holds", "expectations hold")}` : ""}.` : "",
          mistakes: report.errors.map((one) => ({ line: one.line ?? 0, text: sentence(one.key ? `${one.key}: ${one.message}` : one.message) })),
          warnings: report.warnings,
        });
      } else {
        setReplay(await post<Replay>("/acl/replay", { toml: shown, since }));
        setVerdict(null);
      }
    } catch (error) {
      failed(error);
    }
    setBusy("");
  };

  if (rules.error && !rules.data) return <Problem text={rules.error} again={rules.reload} />;
  if (!rules.data) return <Loading what="Reading the rules" />;
  return (
    <>
      <Card class="rules">
        <p class="small">
          From <code>{rules.data.file}</code>. Try changes here; to use them, put them into that file and run <code>stormdoor reload</code>, which takes all or nothing.
        </p>
        <Editor text={shown} onInput={(value) => { setText(value); setVerdict(null); }} mistakes={mistakes} jump={jump} />
        {mistakes.length > 0 && (
          <div id="rule-mistakes" role="alert">
            <ul class="mistakes">
              {mistakes.map((one, index) => (
                <li key={index}>
                  {one.line > 0 && <button type="button" class="text" onClick={() => { setJump(0); requestAnimationFrame(() => setJump(one.line)); }}>Line {one.line}</button>} {one.text}
                </li>
              ))}
            </ul>
          </div>
        )}
        {verdict?.good && <p class="good-line" role="status">{verdict.good}</p>}
        {verdict && verdict.warnings.length > 0 && <ul class="warnings">{verdict.warnings.map((line) => <li key={line}>{line}</li>)}</ul>}
        <div class="row-of-buttons">
          <button type="button" class="secondary" aria-busy={busy === "check"} disabled={busy !== ""} onClick={() => run("check")}>Check</button>
          <Select label="Replay since" value={since} onInput={setSince}>
            <option value="1d">1 day ago</option>
            <option value="7d">7 days ago</option>
            <option value="30d">30 days ago</option>
            <option value="90d">90 days ago</option>
          </Select>
          <button type="button" aria-busy={busy === "replay"} disabled={busy !== ""} onClick={() => run("replay")}>Preview by replay</button>
          {edited && <button type="button" class="text" onClick={() => { setText(null); setVerdict(null); setReplay(null); }}>Back to the file's text</button>}
        </div>
      </Card>
      {replay ? <Outcome replay={replay} /> : (
        <Empty title="Preview before you change">Replay plays the journal against the rules above and shows which blocks would have appeared or vanished, and which phones were behind them.</Empty>
      )}
    </>
  );
}
