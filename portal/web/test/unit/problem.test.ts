import { expect, test } from "vitest";
import { errorOf, fieldOfPointer, problemOf, sentence } from "../../src/api/problem";

test("a problem document becomes a sentence and its fields; its rows count from 1", () => {
  const error = errorOf(
    422,
    JSON.stringify({ title: "Refused", status: 422, detail: "nothing was added", errors: [{ field: "mac", row: 3, detail: "is registered already" }] }),
  );
  expect(error.message).toBe("Nothing was added.");
  expect(problemOf(error, "mac", 2)).toBe("Is registered already.");
  expect(problemOf(error, "mac")).toBe("");
});

test("fields may be named by a JSON pointer", () => {
  expect(fieldOfPointer("/phones/2/location")).toEqual({ field: "location", row: 2 });
  expect(fieldOfPointer("/3")).toEqual({ field: "", row: 3 });
  expect(fieldOfPointer("/name")).toEqual({ field: "name" });
});

test("an answer that is no problem document still gives a sentence", () => {
  expect(errorOf(502, "<html>Bad gateway</html>").message).toContain("502");
  expect(errorOf(412, "").message).toContain("Somebody else changed this");
  expect(errorOf(500, "null").message).toContain("500");
  expect(errorOf(422, '{"errors":[{"detail":"the label is too long","pointer":"/label"}]}').message).toBe("The label is too long.");
});

test("sentences begin with a capital and end", () => {
  expect(sentence("the phone is gone")).toBe("The phone is gone.");
  expect(sentence("Really?")).toBe("Really?");
  expect(sentence("  ")).toBe("");
});
