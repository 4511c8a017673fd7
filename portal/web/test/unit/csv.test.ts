import { expect, test } from "vitest";
import { parseCells, toCsv } from "../../src/lib/csv";

test("quoted cells keep commas, quotes and line breaks", () => {
  expect(parseCells('a,"b, ""c""\nd"\r\ne,f')).toEqual([["a", 'b, "c"\nd'], ["e", "f"]]);
});

test("cells of a spreadsheet are separated by tabs, some exports by semicolons", () => {
  expect(parseCells("a\tb\nc\td\n")).toEqual([["a", "b"], ["c", "d"]]);
  expect(parseCells("a;b\nc;d")).toEqual([["a", "b"], ["c", "d"]]);
});

test("empty lines are no rows", () => {
  expect(parseCells("\n\na\n , \n")).toEqual([["a"]]);
  expect(parseCells("")).toEqual([]);
});

test("what is written can be read again, and runs in no spreadsheet", () => {
  expect(parseCells(toCsv([["a,b", 'c"d', 7]]))).toEqual([["a,b", 'c"d', "7"]]);
  expect(toCsv([["=HYPERLINK(1)", "+12025550123", "-x"]])).toBe("'=HYPERLINK(1),+12025550123,'-x\r\n");
});
