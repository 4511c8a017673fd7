// Small parts of pages.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { Copy, LoaderCircle } from "lucide-preact";
import { ago, exact, withLocalTimes } from "../lib/time";
import { say } from "./toast";

interface PageProps {
  trail: string[]; // as the menu leads here: "Setup", "Phones", ...
  title: string;
  actions?: ComponentChildren;
  tabs?: { label: string; to: string; current: boolean; count?: number }[];
  children: ComponentChildren;
  lead?: ComponentChildren;
}

export function PageFrame({ trail, title, actions, tabs, lead, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    document.title = `${title} · stormdoor`;
    const here = bar.current?.querySelector<HTMLElement>("[aria-current]");
    if (bar.current && here) bar.current.scrollLeft = here.offsetLeft - bar.current.clientWidth / 2 + here.offsetWidth / 2;
  }, [title]);
  return (
    <>
      <header class="page-head">
        <div class="page-title">
          {trail.length > 0 && <p class="trail">{trail.join(" › ")}</p>}
          <h1 ref={heading} tabIndex={-1}>{title}</h1>
          {lead && <p class="lead">{lead}</p>}
        </div>
        {actions && <div class="page-actions">{actions}</div>}
      </header>
      {tabs && (
        <nav ref={bar} class="tabs" aria-label={`Parts of ${trail.at(-1) ?? title}`}>
          {tabs.map((tab) => (
            <Link key={tab.to} href={tab.to} aria-current={tab.current ? "page" : undefined}>
              {tab.label}
              {tab.count !== undefined && <span class="count">{tab.count.toLocaleString("en")}</span>}
            </Link>
          ))}
        </nav>
      )}
      {children}
    </>
  );
}

export type Tone = "good" | "warn" | "bad" | "info" | "quiet";

export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

// A time in words, exact on hover; goes on by itself.
export function When({ time, prefix }: { time: string; prefix?: string }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 10_000);
    return () => clearInterval(timer);
  }, []);
  if (!time) return null;
  return (
    <time dateTime={time} title={exact(time)}>
      {prefix}
      {ago(time)}
    </time>
  );
}

export function Empty({ title, children, action }: { title: string; children: ComponentChildren; action?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p>{children}</p>
      {action && <div class="empty-action">{action}</div>}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <p class="loading" role="status">
      <LoaderCircle class="spin" aria-hidden="true" /> {what}
    </p>
  );
}

export function Problem({ text, again }: { text: string; again?: () => void }) {
  return (
    <div class="problem" role="alert">
      <p>{withLocalTimes(text)}</p>
      {again && <button type="button" class="secondary" onClick={again}>Try again</button>}
    </div>
  );
}

export function Mac({ mac, link = true }: { mac: string; link?: boolean }) {
  if (!link) return <span class="mac">{mac}</span>;
  return <Link class="mac" href={`/phones/${encodeURIComponent(mac)}`}>{mac}</Link>;
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  return (
    <button
      type="button"
      class="icon"
      aria-label={`Copy ${what}`}
      title={`Copy ${what}`}
      onClick={async () => {
        await navigator.clipboard.writeText(text);
        say(`${what} copied.`);
      }}
    >
      <Copy aria-hidden="true" />
    </button>
  );
}

export function Card({ title, children, actions, class: name }: { title?: string; children: ComponentChildren; actions?: ComponentChildren; class?: string }) {
  return (
    <section class={`card ${name ?? ""}`}>
      {title && (
        <header>
          <h2>{title}</h2>
          {actions}
        </header>
      )}
      {children}
    </section>
  );
}
