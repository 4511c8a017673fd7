import { expect, test } from "vitest";
import { grown } from "../../src/api/lists";

const rows = (...ids: number[]) => ids.map((id) => ({ id }));

test("a log's newest page stands before what was read of it, and nothing is missing or twice", () => {
  const before = { items: rows(8, 7, 6, 5, 4, 3), total: 8, next: "3" };
  const newest = { items: rows(10, 9, 8), total: 10, next: "8" };
  expect(grown(newest, before)).toEqual({ items: rows(10, 9, 8, 7, 6, 5, 4, 3), total: 10, next: "3" });
  expect(grown(newest, undefined)).toEqual(newest);
  const far = { items: rows(30, 29, 28), total: 30, next: "28" };
  expect(grown(far, before)).toEqual(far);
});
