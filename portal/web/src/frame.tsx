// The menu and the frame around every page.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import {
  Armchair, ChevronRight, LayoutDashboard, LogOut, MapPin, Menu, MonitorSmartphone, Moon, Phone, Repeat, ScrollText,
  Server, ShieldAlert, Sun, UserCog, Users, X, type LucideIcon,
} from "lucide-preact";
import { leave, may, session } from "./api/client";
import { following } from "./api/live";
import { PasswordDialog } from "./pages/password_dialog";
import { choose, dark, theme, type Theme } from "./ui/media";
import { complain } from "./ui/toast";

interface Entry {
  label: string;
  to: string;
  icon: LucideIcon;
  at?: RegExp; // which paths belong to it
  least?: "helpdesk"; // a viewer may not see it
}

interface Group {
  label?: string;
  entries: Entry[];
}

const MENU: Group[] = [
  { entries: [{ label: "Overview", to: "/", icon: LayoutDashboard, at: /^\/$/ }] },
  {
    label: "Setup › Phones",
    entries: [
      { label: "Desk Phones", to: "/setup/phones/desk-phones", icon: Phone, at: /^\/(setup\/phones\/(desk-phones|quick-create)|phones\/)/ },
      { label: "Hot Desking", to: "/setup/phones/hot-desking", icon: Armchair },
    ],
  },
  { label: "Setup", entries: [{ label: "Manage", to: "/setup/manage", icon: Users }] },
  {
    label: "Sites",
    entries: [
      { label: "Locations", to: "/locations", icon: MapPin },
      { label: "Conversions", to: "/conversions", icon: Repeat },
    ],
  },
  {
    label: "Watch",
    entries: [
      { label: "Security", to: "/security/blocks", icon: ShieldAlert, at: /^\/security/ },
      { label: "Audit", to: "/audit", icon: ScrollText, least: "helpdesk" },
    ],
  },
  {
    label: "Server",
    entries: [
      { label: "Administrators", to: "/administrators", icon: UserCog, least: "helpdesk" },
      { label: "System", to: "/system", icon: Server },
    ],
  },
];

function belongs(entry: Entry, path: string): boolean {
  return entry.at ? entry.at.test(path) : path === entry.to || path.startsWith(`${entry.to}/`);
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" class="mark" aria-hidden="true">
      <path class="door" d="M9 26V8.5A2.5 2.5 0 0 1 11.5 6h9A2.5 2.5 0 0 1 23 8.5V26" />
      <path class="bolt" d="M17.5 9.5 13 17h3.5L15 23l5-8h-3.5z" />
    </svg>
  );
}

const THEMES: { theme: Theme; label: string; icon: LucideIcon }[] = [
  { theme: "light", label: "Light", icon: Sun },
  { theme: "dark", label: "Dark", icon: Moon },
  { theme: "system", label: "As the system", icon: MonitorSmartphone },
];

function Themes() {
  return (
    <fieldset class="themes">
      <legend class="hidden-words">Colours</legend>
      {THEMES.map(({ theme: one, label, icon: Icon }) => (
        <label key={one} title={label}>
          <input type="radio" name="theme" checked={theme.value === one} onInput={() => choose(one)} />
          <Icon aria-hidden="true" />
          <span class="hidden-words">{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function Frame({ children }: { children: ComponentChildren }) {
  const [path] = useLocation();
  const [open, setOpen] = useState(false);
  const [renewing, setRenewing] = useState(false);
  useEffect(() => setOpen(false), [path]);
  const who = session.value;
  return (
    <div class={`frame ${open ? "menu-open" : ""}`} data-dark={dark.value}>
      <a class="skip" href="#page">Go to the page</a>
      <header class="top">
        <button type="button" class="icon menu-button" aria-expanded={open} aria-controls="menu" onClick={() => setOpen(!open)}>
          {open ? <X aria-hidden="true" /> : <Menu aria-hidden="true" />}
          <span class="hidden-words">Menu</span>
        </button>
        <Link href="/" class="brand"><Mark />stormdoor</Link>
      </header>
      <nav
        id="menu"
        class="menu"
        aria-label="Main"
        onKeyDown={(event) => event.key === "Escape" && setOpen(false)}
      >
        <Link href="/" class="brand"><Mark />stormdoor</Link>
        {MENU.map((group) => (
          <div key={group.label ?? "top"} class="menu-group">
            {group.label && <p>{group.label}</p>}
            <ul>
              {group.entries.filter((entry) => !entry.least || may(entry.least)).map((entry) => {
                const here = belongs(entry, path);
                const Icon = entry.icon;
                return (
                  <li key={entry.to}>
                    <Link href={entry.to} aria-current={here ? "page" : undefined}>
                      <Icon aria-hidden="true" />
                      {entry.label}
                      {here && <ChevronRight aria-hidden="true" />}
                    </Link>
                  </li>
                );
              })}
            </ul>
          </div>
        ))}
        <div class="menu-foot">
          <p class={`pulse ${following.value ? "on" : ""}`}>{following.value ? "Live" : "Not live"}</p>
          <p class="who"><strong>{who?.name}</strong><span>{who?.role}</span> <button type="button" class="text" onClick={() => setRenewing(true)}>Password</button></p>
          <div class="menu-tools">
            <Themes />
            <button type="button" class="text" onClick={() => leave().catch(complain)}>
              <LogOut aria-hidden="true" />
              Sign out
            </button>
          </div>
        </div>
      </nav>
      {open && <div class="shade" onClick={() => setOpen(false)} />}
      {renewing && who && <PasswordDialog name={who.name} onClose={() => setRenewing(false)} />}
      <main id="page" tabIndex={-1}>{children}</main>
    </div>
  );
}
