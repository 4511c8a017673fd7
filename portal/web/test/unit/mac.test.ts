import { expect, test } from "vitest";
import { bareMac, canonicalMac, macMistake } from "../../src/lib/mac";

test("every common spelling of a MAC is taken and one is shown", () => {
  for (const text of ["00:0f:d3:05:48:48", "00-0F-D3-05-48-48", "000f.d305.4848", "000FD3054848", "  00:0F:D3:05:48:48 "])
    expect(canonicalMac(text)).toBe("00:0F:D3:05:48:48");
});

test("what is no MAC is refused with what is wrong", () => {
  for (const text of ["", "00:0F:D3:05:48", "00:0F:D3:05:48:4", "00:0F-D3:05:48:48", "0G:0F:D3:05:48:48", "00:0F:D3:05:48:48:00"])
    expect(canonicalMac(text)).toBeUndefined();
  expect(macMistake("00:0F:D3:05:48")).toContain("10 of the 12 digits");
  expect(macMistake("0G:0F:D3:05:48:48")).toContain("letter");
  expect(macMistake("")).toContain("needs its MAC");
  expect(macMistake("000fd3054848")).toBe("");
});

test("a MAC without its separators is what files are named after", () => {
  expect(bareMac("00:0F:D3:05:48:48")).toBe("000fd3054848");
});
