// Access rules: the TOML as it is, mistakes at their lines, and what other rules would have done.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { signal } from "@preact/signals";
import { may, post, whenOwnerChanges } from "../api/client";
import { useOne } from "../api/lists";
import { sentence, wordsOf } from "../api/problem";
import type { Replay, Rules, RulesReport } from "../api/types";
import { count } from "../lib/text";
import { exact } from "../lib/time";
import { Select } from "../ui/field";
import { Card, Empty, Loading, Problem } from "../ui/parts";
import { BlockStories, type BlockStory } from "./block_stories";
import { ShadowReport } from "./shadow";

interface RuleMistake {
  line: number; // from 1; 0: the whole
  text: string;
}

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
  const stories: BlockStory[] = [
    ...replay.appeared.map((one) => ({ ...one, change: { word: "appears", tone: "bad" as const } })),
    ...replay.vanished.map((one) => ({ ...one, change: { word: "vanishes", tone: "good" as const } })),
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
      {replay.events > 0 && (stories.length === 0 ? <p class="quiet">No block would appear or vanish.</p> : <BlockStories caption="Blocks that would change" stories={stories} />)}
    </Card>
  );
}

// What is being tried, while its writer looks at other pages; null: the file's text.
const draft = signal<string | null>(null);
whenOwnerChanges(() => (draft.value = null));

interface Verdict {
  good: string;
  mistakes: RuleMistake[];
  warnings: string[];
}

function verdictOf(report: RulesReport): Verdict {
  return {
    good: report.valid ? `These rules are valid${report.expectations > 0 ? `; ${count(report.expectations, "expectation holds", "expectations hold")}` : ""}.` : "",
    mistakes: report.errors.map((one) => ({ line: one.line ?? 0, text: one.key ? `${one.key}: ${one.message}` : sentence(one.message) })),
    warnings: report.warnings,
  };
}

export function RulesEditor() {
  const rules = useOne<Rules>("/acl");
  const [since, setSince] = useState("30d");
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [replay, setReplay] = useState<Replay | null>(null);
  const [busy, setBusy] = useState("");
  const [jump, setJump] = useState(0);
  const shown = draft.value ?? rules.data?.toml ?? "";
  const edited = draft.value !== null && draft.value !== rules.data?.toml;
  const mistakes = useMemo(() => verdict?.mistakes ?? [], [verdict]);

  // A replay begins with the check, which names every mistake at its line.
  const run = async (what: "check" | "replay") => {
    setBusy(what);
    setJump(0);
    setReplay(null);
    try {
      const report = await post<RulesReport>("/acl/check", { toml: shown });
      setVerdict(verdictOf(report));
      if (what === "replay" && report.valid) setReplay(await post<Replay>("/acl/replay", { toml: shown, since }));
    } catch (error) {
      setVerdict({ good: "", mistakes: [{ line: 0, text: wordsOf(error) }], warnings: [] });
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
        <Editor text={shown} onInput={(value) => { draft.value = value; setVerdict(null); }} mistakes={mistakes} jump={jump} />
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
          {may("helpdesk") && (
            <>
              <Select label="Replay since" value={since} onInput={setSince}>
                <option value="1d">1 day ago</option>
                <option value="7d">7 days ago</option>
                <option value="30d">30 days ago</option>
                <option value="90d">90 days ago</option>
              </Select>
              <button type="button" aria-busy={busy === "replay"} disabled={busy !== ""} onClick={() => run("replay")}>Preview by replay</button>
            </>
          )}
          {edited && <button type="button" class="text" onClick={() => { draft.value = null; setVerdict(null); setReplay(null); }}>Back to the file's text</button>}
        </div>
      </Card>
      {replay ? <Outcome replay={replay} /> : may("helpdesk") && (
        <Empty title="Preview before you change">Replay plays the journal against the rules above and shows which blocks would have appeared or vanished, and which phones were behind them.</Empty>
      )}
      <ShadowReport />
    </>
  );
}
