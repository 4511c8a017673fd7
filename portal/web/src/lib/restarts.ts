// What comes of telling phones to restart: the API has a sentence for each phone, people want one.

import type { RestartRow } from "../api/types";
import { count } from "./text";

const BY_HAND = /^restart by hand: /;
const NOT_YET = /^not told yet: /;
const BACK = /^back since /;

export const isByHand = (restart: string | undefined) => BY_HAND.test(restart ?? "");
export const isRestarting = (restart: string | undefined) => !!restart && !BACK.test(restart);

// For a list: short, and without how long ago, for it is not read again to count seconds.
export const stateOf = (restart = "") => restart.replace(BY_HAND, "by hand: ").replace(/ \d+(ms|[dhms])( \d+[hms])? ago/g, "");

function group(items: RestartRow[], kind: RegExp, one: string, many: string): string[] {
  const those = items.filter((item) => kind.test(item.restart));
  if (those.length === 0) return [];
  const why = [...new Set(those.map((item) => item.restart.replace(kind, "")))];
  const said = `${why.slice(0, 3).join("; ")}${why.length > 3 ? "; …" : ""}`;
  return [`${those.length === 1 ? `${those[0]!.mac} ${one}` : `${count(those.length, "phone")} ${many}`}: ${said}.`];
}

// "8 phones were told to restart." and, on lines of their own, those that could not be told, and why.
export function restartWords(items: RestartRow[]): string {
  const told = items.filter((item) => !BY_HAND.test(item.restart) && !NOT_YET.test(item.restart));
  return [
    ...(told.length === 0 ? [] : [`${told.length === 1 ? `${told[0]!.mac} was` : `${count(told.length, "phone")} were`} told to restart.`]),
    ...group(items, NOT_YET, "is not told yet", "are not told yet"),
    ...group(items, BY_HAND, "has to be restarted by hand", "have to be restarted by hand"),
  ].join("\n");
}
