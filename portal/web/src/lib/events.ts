// Events: their kinds in words, and those that were with those that come.

import type { EventRow } from "../api/types";

export interface Kind {
  words: string;
  tone: "good" | "warn" | "bad" | "info" | "quiet";
}

const KINDS: Record<string, Kind> = {
  app: { words: "Phone app", tone: "quiet" },
  "binding-conflict": { words: "Address in conflict", tone: "bad" },
  block: { words: "Block", tone: "bad" },
  change: { words: "Change", tone: "info" },
  conversion: { words: "Conversion", tone: "info" },
  failure: { words: "Failure", tone: "warn" },
  gap: { words: "Not written down", tone: "warn" },
  "left-out": { words: "Not shown", tone: "quiet" },
  metered: { words: "Slowed down", tone: "warn" },
  "misplaced-phone": { words: "Out of place", tone: "warn" },
  pbx: { words: "PBX", tone: "quiet" },
  problem: { words: "Problem", tone: "bad" },
  reload: { words: "Configuration", tone: "info" },
  "restart-by-hand": { words: "Restart by hand", tone: "warn" },
  served: { words: "File served", tone: "quiet" },
  "stale-phone": { words: "Old password", tone: "warn" },
  started: { words: "Start", tone: "info" },
  success: { words: "Went well", tone: "good" },
  told: { words: "Told to restart", tone: "quiet" },
  token: { words: "Token", tone: "quiet" },
  unblock: { words: "Let in again", tone: "good" },
  "wrong-pin": { words: "Wrong PIN", tone: "warn" },
};

// What is not named here speaks for itself: "lease-opened".
export function kindOf(kind: string): Kind {
  const words = kind.replaceAll("-", " ");
  return KINDS[kind] ?? { words: words.charAt(0).toUpperCase() + words.slice(1), tone: "quiet" };
}

export interface Past {
  rows: EventRow[]; // the newest last
  latest: EventRow | undefined; // of those that had come by themselves when these were asked for
}

const keyOf = ({ time, number, kind, text }: EventRow) => `${time} ${number ?? ""} ${kind} ${text}`;

// What was, and behind it what has come since, nothing twice. `about` is an address, a phone or an
// extension; empty: anybody.
export function joined(past: Past, came: EventRow[], about: string): EventRow[] {
  const who = about.toLowerCase();
  const isAbout = ({ source, phone, extension }: EventRow) => who === "" || [source, phone, extension].some((one) => one?.toLowerCase() === who);
  const known = new Set(past.rows.map(keyOf));
  const isKnown = (event: EventRow) => known.has(keyOf(event)) || known.has(keyOf({ ...event, number: undefined })); // the journal knows no numbers
  const since = came.slice(past.latest ? came.indexOf(past.latest) + 1 : 0);
  return [...past.rows, ...since.filter((event) => isAbout(event) && !isKnown(event))];
}
