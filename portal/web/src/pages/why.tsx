// The story behind a verdict, in sentences.

import { useEffect, useState } from "preact/hooks";
import { useLocation, useSearch } from "wouter-preact";
import { useOne } from "../api/lists";
import { exact, withLocalTimes } from "../lib/time";
import { Empty, Loading, Problem } from "../ui/parts";

export type WhyAnswer = string[] | { items?: string[]; lines?: string[] };

export function linesOf(answer: WhyAnswer): string[] {
  return Array.isArray(answer) ? answer : (answer.lines ?? answer.items ?? []);
}

// Indented lines tell details; those that begin with a time are events.
export function Story({ lines }: { lines: string[] }) {
  return (
    <ul class="story">
      {lines.map((line, index) => {
        const text = line.trim();
        const event = /^(\d{4}-\d\d-\d\dT[\d:]+Z|\d\d:\d\d(?::\d\d)?)\s+(.*)$/.exec(text);
        if (event) return <li key={index} class="event"><time dateTime={event[1]}>{exact(event[1]!)}</time><span>{withLocalTimes(event[2]!)}</span></li>;
        return <li key={index} class={line.startsWith("  ") ? "detail" : text.endsWith(":") ? "heading" : ""}>{withLocalTimes(text)}</li>;
      })}
    </ul>
  );
}

export function WhyStory({ about }: { about: string }) {
  const why = useOne<WhyAnswer>("/why", { about });
  if (why.error) return <Problem text={why.error} again={why.reload} />;
  if (!why.data) return <Loading what="Reading the journal" />;
  const lines = linesOf(why.data);
  return lines.length === 0 ? <p class="quiet">Nothing is known of {about}.</p> : <Story lines={lines} />;
}

export function Why() {
  const about = new URLSearchParams(useSearch()).get("about") ?? "";
  const [text, setText] = useState(about);
  useEffect(() => setText(about), [about]);
  const [, go] = useLocation();
  return (
    <>
      <form
        class="ask"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) go(`/security/why?about=${encodeURIComponent(text.trim())}`);
        }}
      >
        <label for="about">Address, MAC or extension</label>
        <div class="ask-line">
          <input id="about" value={text} spellcheck={false} autoComplete="off" placeholder="198.51.100.7" onInput={(event) => setText(event.currentTarget.value)} />
          <button type="submit">Why?</button>
        </div>
      </form>
      {about ? <section class="card"><WhyStory key={about} about={about} /></section> : (
        <Empty title="Ask about anyone">An address that is refused, a phone that does not come up, an extension that cannot log in: here is what stormdoor knows and why it did what it did.</Empty>
      )}
    </>
  );
}
