// The rows of Quick-Create Assignments: from what was pasted, checked, and as the API wants them.

import { canonicalMac, macMistake } from "./mac";
import { parseCells } from "./csv";

export interface AssignmentRow {
  mac: string;
  extension: string;
  vendor: string;
  model: string;
  location: string; // its name or label; empty: the one chosen for all
}

export type AssignmentField = keyof AssignmentRow;
export type RowMistakes = Partial<Record<AssignmentField, string>>;

export const emptyRow = (): AssignmentRow => ({ mac: "", extension: "", vendor: "", model: "", location: "" });

export function isEmpty(row: AssignmentRow): boolean {
  return Object.values(row).every((value) => value.trim() === "");
}

const NAMES: Record<string, AssignmentField> = {
  mac: "mac", "mac address": "mac", phone: "mac",
  extension: "extension", ext: "extension", user: "extension",
  vendor: "vendor", maker: "vendor", model: "model", "phone model": "model", location: "location",
};

// With a heading the columns are where it says. Without, the MAC is the cell that is one, an
// extension the cell of digits; the rest is vendor, model, location in that order.
export function rowsFromPaste(text: string): AssignmentRow[] {
  const cells = parseCells(text);
  const first = cells[0];
  if (!first) return [];
  const heading = first.map((cell) => NAMES[cell.toLowerCase()]);
  if (heading.includes("mac")) {
    return cells.slice(1).map((line) => {
      const row = emptyRow();
      line.forEach((cell, column) => {
        const field = heading[column];
        if (field) row[field] = cell;
      });
      return tidy(row);
    });
  }
  return cells.map((line) => {
    const row = emptyRow();
    const rest: AssignmentField[] = ["vendor", "model", "location"];
    for (const cell of line) {
      if (row.mac === "" && canonicalMac(cell)) row.mac = cell;
      else if (row.extension === "" && /^\d{1,10}$/.test(cell)) row.extension = cell;
      else if (row.mac === "" && line.indexOf(cell) === 0) row.mac = cell;
      else {
        const field = rest.shift();
        if (field) row[field] = cell;
      }
    }
    return tidy(row);
  });
}

function tidy(row: AssignmentRow): AssignmentRow {
  return { ...row, mac: canonicalMac(row.mac) ?? row.mac };
}

export interface Choice {
  location: string;
  hotDesk: boolean;
}

export interface Known {
  macs: Set<string>; // registered already
  extensions: Set<string>;
  locations: Places;
}

// Locations by what people call them: name or label, in any case. Of a label that two have none.
export type Places = Map<string, string>;

export function placesOf(locations: { name: string; label: string }[]): Places {
  const places: Places = new Map();
  const twice = new Set<string>();
  for (const { name, label } of locations) {
    const word = label.trim().toLowerCase();
    if (places.has(word)) twice.add(word);
    places.set(word, name);
  }
  for (const word of twice) places.delete(word);
  for (const { name } of locations) places.set(name, name);
  places.delete("");
  return places;
}

const placeNamed = (text: string, places: Places) => places.get(text.trim().toLowerCase());

export function mistakesOf(rows: AssignmentRow[], choice: Choice, known: Known): RowMistakes[] {
  const seen = new Map<string, number>();
  return rows.map((row, index) => {
    const mistakes: RowMistakes = {};
    if (isEmpty(row)) return mistakes;
    const wrong = macMistake(row.mac);
    const mac = canonicalMac(row.mac);
    if (wrong) mistakes.mac = wrong;
    else if (mac) {
      const before = seen.get(mac);
      if (before !== undefined) mistakes.mac = `${mac} is in row ${before + 1} already.`;
      else if (known.macs.has(mac)) mistakes.mac = `${mac} is registered already.`;
      seen.set(mac, before ?? index);
    }
    const location = row.location || choice.location;
    if (choice.hotDesk && location === "")
      mistakes.location = "A hot-desk phone needs a location: its emergency number hangs on it.";
    else if (row.location !== "" && !placeNamed(row.location, known.locations))
      mistakes.location = `There is no location “${row.location}”.`;
    if (!choice.hotDesk && row.extension !== "" && !known.extensions.has(row.extension))
      mistakes.extension = `There is no user ${row.extension}.`;
    return mistakes;
  });
}

export interface PhoneRequest {
  mac: string;
  vendor?: string;
  model?: string;
  location?: string;
  hot_desk?: boolean;
  extension?: string;
}

export function requestOf(row: AssignmentRow, choice: Choice, places: Places): PhoneRequest {
  const request: PhoneRequest = { mac: canonicalMac(row.mac) ?? row.mac };
  const location = (placeNamed(row.location, places) ?? row.location) || choice.location;
  if (row.vendor) request.vendor = row.vendor;
  if (row.model) request.model = row.model;
  if (location) request.location = location;
  if (choice.hotDesk) request.hot_desk = true;
  else if (row.extension) request.extension = row.extension;
  return request;
}
