import { expect, test } from "vitest";
import { joined, kindOf } from "../../src/lib/events";

test("a kind of event is said in words", () => {
  expect(kindOf("stale-phone").words).toBe("Old password");
  expect(kindOf("lease-opened").words).toBe("Lease opened");
});

test("events that come stand behind those that were, none twice, and only those that are asked for", () => {
  const event = (number: number, text: string, source = "192.0.2.1") => ({ number, time: "2026-03-01T08:15:30Z", kind: "failure", text, source });
  const [first, second, third, fourth] = [event(1, "one"), event(2, "two"), event(3, "three"), event(4, "four", "192.0.2.2")];
  const texts = (...given: Parameters<typeof joined>) => joined(...given).map((one) => one.text);

  // Before it was asked for: in the answer, in whatever words.
  const journal = { time: first.time, kind: "failure", text: "wrong password" };
  expect(texts({ rows: [journal], latest: first }, [first, second], "")).toEqual(["wrong password", "two"]);
  // Come while the answer was on its way.
  expect(texts({ rows: [first, second], latest: first }, [first, second, third], "")).toEqual(["one", "two", "three"]);
  const { number: _, ...unnumbered } = second;
  expect(texts({ rows: [unnumbered], latest: first }, [first, second, third], "")).toEqual(["two", "three"]);
  expect(texts({ rows: [first], latest: first }, [first, second, fourth], "192.0.2.2")).toEqual(["one", "four"]);
  expect(texts({ rows: [], latest: undefined }, [first], "")).toEqual(["one"]);
});
