import { expect, test } from "vitest";
import { isByHand, isRestarting, stateOf } from "../../src/lib/restarts";

test("a phone is restarting until it is back, also when it waits for a hand", () => {
  expect(isRestarting(undefined)).toBe(false);
  expect(isRestarting("back since 3 min, after 40 s")).toBe(false);
  expect(isRestarting("told 4 s ago, not back")).toBe(true);
  expect(isRestarting("restart by hand: it is registered over TCP")).toBe(true);
  expect(isByHand("restart by hand: it is registered over TCP")).toBe(true);
  expect(isByHand("told 4 s ago, not back")).toBe(false);
});

test("in a list its state is told without ages", () => {
  expect(stateOf("told 541ms ago, fetched 3s ago, not back")).toBe("told, fetched, not back");
  expect(stateOf("restart by hand: it does not answer (told 4m 10s ago, not back)")).toBe("by hand: it does not answer (told, not back)");
});
