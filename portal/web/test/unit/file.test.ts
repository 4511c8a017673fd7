import { expect, test } from "vitest";
import { decoded } from "../../src/lib/file";

const name = "7001,Jürgen Müller–Łoś";

test("what spreadsheets write is read as it was meant", () => {
  const utf8 = new TextEncoder().encode(name);
  expect(decoded(utf8)).toBe(name);
  expect(decoded(new Uint8Array([0xef, 0xbb, 0xbf, ...utf8]))).toBe(name);
  const units = Array.from(`\ufeff${name}`, (character) => character.charCodeAt(0));
  const utf16 = new Uint8Array(units.flatMap((unit) => [unit & 0xff, unit >> 8]));
  expect(decoded(utf16)).toBe(name);
  expect(decoded(utf16.slice().map((_, at) => utf16[at ^ 1]!))).toBe(name);
  expect(decoded(new Uint8Array([0x4a, 0xfc, 0x72, 0x67, 0x65, 0x6e]))).toBe("Jürgen");
  expect(decoded(new Uint8Array())).toBe("");
});
