import { expect, test } from "vitest";
import { bytes, grouped } from "../../src/lib/series";
import { count, extensionOf, matches } from "../../src/lib/text";
import { ago, exact, span, until, withLocalTimes } from "../../src/lib/time";

test("search finds every word anywhere, and MACs however they are written", () => {
  const texts = ["00:0F:D3:05:48:48", "2041 (Ada King)", "Front desk"];
  for (const needle of ["", "ada", "king front", "000fd3054848", "00-0f-d3", "d3:05", "fd305"]) expect(matches(needle, texts), needle).toBe(true);
  for (const needle of ["bob", "ada workshop", "00:0F:D4"]) expect(matches(needle, texts), needle).toBe(false);
});

test("numbers and their nouns agree", () => {
  expect(count(1, "phone")).toBe("1 phone");
  expect(count(20000, "phone")).toBe("20,000 phones");
});

test("the extension is read from whom a phone is assigned to", () => {
  expect(extensionOf("2041 (Ada King), additional phone 1")).toBe("2041");
  expect(extensionOf("")).toBe("");
});

test("times are said as people say them", () => {
  const now = new Date("2026-03-01T12:00:00Z");
  expect(ago("2026-03-01T11:59:58Z", now)).toBe("just now");
  expect(ago("2026-03-01T11:58:00Z", now)).toBe("2 min ago");
  expect(ago("2026-03-01T12:03:00Z", now)).toBe("in 3 min");
  expect(ago("nonsense", now)).toBe("");
  expect(span(3 * 86400)).toBe("3 days");
  expect(until("removed", now)).toBe("until you remove it");
});

test("series of one subject share a chart", () => {
  const groups = grouped([
    { name: "tftp_requests", points: [[1, 2]] },
    { name: "https requests", points: [[1, 3]] },
    { name: "failures", points: [] },
    { name: "odd_thing", points: [] },
  ]);
  expect(groups.map((group) => [group.title, group.lines.length])).toEqual([["Requests per second", 2], ["Failed attempts per second", 1], ["Odd thing", 1]]);
  expect(groups[0]!.lines.map((line) => line.label)).toEqual(["TFTP", "HTTPS"]);
  const labels = (...names: string[]) => grouped(names.map((name) => ({ name, points: [] })))[0]!.lines.map((line) => line.label);
  expect(labels("tftp_bytes", "http_bytes")).toEqual(["TFTP", "HTTP and HTTPS"]);
  expect(labels("https_bytes", "http_bytes")).toEqual(["HTTPS", "HTTP"]);
});

test("bytes are said in units", () => {
  expect(bytes(999)).toBe("999 B");
  expect(bytes(1500)).toBe("1.5 kB");
  expect(bytes(250_000_000)).toBe("250 MB");
});

test("times in what the server says are local, as those beside them", () => {
  const said = withLocalTimes("Refused since 2026-03-01T08:15:30Z, until 2026-03-01T09:15:30Z.");
  expect(said).toBe(`Refused since ${exact("2026-03-01T08:15:30Z")}, until ${exact("2026-03-01T09:15:30Z")}.`);
  expect(said).not.toMatch(/\dZ/);
  expect(withLocalTimes("no time at 10.20.1.12:5060")).toBe("no time at 10.20.1.12:5060");
});
