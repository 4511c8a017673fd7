import { expect, test } from "vitest";
import { emptyRow, isEmpty, mistakesOf, placesOf, requestOf, rowsFromPaste, type AssignmentRow } from "../../src/lib/assignments";

const known = { macs: new Set(["00:0F:D3:00:00:01"]), extensions: new Set(["2041"]), locations: placesOf([{ name: "hq", label: "Head office" }]) };
const row = (more: Partial<AssignmentRow>): AssignmentRow => ({ ...emptyRow(), ...more });

test("a pasted column of MACs becomes rows", () => {
  expect(rowsFromPaste("000fd3054848\n00-0f-d3-05-48-49\n").map((one) => one.mac)).toEqual(["00:0F:D3:05:48:48", "00:0F:D3:05:48:49"]);
});

test("a heading says which column is what", () => {
  expect(rowsFromPaste("Location,MAC address,Ext,Colour\nhq,000fd3054848,2041,blue")).toEqual([
    row({ mac: "00:0F:D3:05:48:48", extension: "2041", location: "hq" }),
  ]);
});

test("without a heading MAC and extension are known by their form", () => {
  expect(rowsFromPaste("2041\t000fd3054848\tsangoma\tP330")).toEqual([
    row({ mac: "00:0F:D3:05:48:48", extension: "2041", vendor: "sangoma", model: "P330" }),
  ]);
});

test("what cannot be read stays, so that it can be mended", () => {
  const rows = rowsFromPaste("00:0F:D3:05:48\n000fd3054848");
  expect(rows[0]!.mac).toBe("00:0F:D3:05:48");
  expect(mistakesOf(rows, { location: "hq", hotDesk: true }, known)[0]!.mac).toContain("10 of the 12");
});

test("a MAC twice, and one that is registered, are mistakes at their rows", () => {
  const rows = [row({ mac: "000fd3054848" }), row({ mac: "00:0F:D3:05:48:48" }), row({ mac: "00:0f:d3:00:00:01" })];
  const mistakes = mistakesOf(rows, { location: "", hotDesk: false }, known);
  expect(mistakes[0]).toEqual({});
  expect(mistakes[1]!.mac).toContain("row 1 already");
  expect(mistakes[2]!.mac).toContain("registered already");
});

test("a hot-desk phone needs a location, a desk phone does not", () => {
  const rows = [row({ mac: "000fd3054848" })];
  expect(mistakesOf(rows, { location: "", hotDesk: true }, known)[0]!.location).toContain("emergency number");
  expect(mistakesOf(rows, { location: "hq", hotDesk: true }, known)[0]).toEqual({});
  expect(mistakesOf(rows, { location: "", hotDesk: false }, known)[0]).toEqual({});
});

test("Assign for Hot Desking makes the extension meaningless", () => {
  const one = row({ mac: "000fd3054848", extension: "9999" });
  expect(mistakesOf([one], { location: "hq", hotDesk: true }, known)[0]).toEqual({});
  expect(requestOf(one, { location: "hq", hotDesk: true }, known.locations)).toEqual({ mac: "00:0F:D3:05:48:48", location: "hq", hot_desk: true });
  expect(mistakesOf([one], { location: "hq", hotDesk: false }, known)[0]!.extension).toContain("no user 9999");
  expect(requestOf(row({ mac: "000fd3054848", extension: "2041" }), { location: "", hotDesk: false }, known.locations)).toEqual({
    mac: "00:0F:D3:05:48:48",
    extension: "2041",
  });
});

test("empty rows are left out", () => {
  expect(isEmpty(emptyRow())).toBe(true);
  expect(mistakesOf([emptyRow()], { location: "", hotDesk: true }, known)).toEqual([{}]);
});

test("a location is known by its name or its label, unless two have that label", () => {
  const places = placesOf([{ name: "hq", label: "Head office" }, { name: "lab", label: "Lab" }, { name: "lab-2", label: "lab" }, { name: "attic", label: "" }]);
  const located = (location: string) => {
    const one = row({ mac: "000fd3054848", location });
    const [mistake] = mistakesOf([one], { location: "", hotDesk: true }, { ...known, locations: places });
    return mistake!.location ?? requestOf(one, { location: "", hotDesk: true }, places).location;
  };
  expect(located("Head Office ")).toBe("hq");
  expect(located("HQ")).toBe("hq");
  expect(located("Lab")).toBe("lab");
  expect(located("attic")).toBe("attic");
  expect(located("Nowhere")).toContain("no location");
  expect(placesOf([{ name: "a", label: "Lab" }, { name: "b", label: "lab" }]).get("lab")).toBeUndefined();
});
