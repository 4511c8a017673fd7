import { expect, test } from "vitest";
import { isByHand, isRestarting, restartWords, stateOf } from "../../src/lib/restarts";

const mac = (n: number) => `00:0F:D3:5A:00:0${n}`;

test("who was told and who has to be restarted by hand is said apart, with the reasons", () => {
  const items = [
    { mac: mac(1), restart: "told 0ms ago, not back" },
    { mac: mac(2), restart: "being told" },
    { mac: mac(3), restart: "restart by hand: it is not known where it is registered" },
    { mac: mac(4), restart: "restart by hand: it is not known where it is registered" },
    { mac: mac(5), restart: "not told yet: it is in a call since 4 min" },
  ];
  expect(restartWords(items)).toBe(
    "2 phones were told to restart.\n" +
      "00:0F:D3:5A:00:05 is not told yet: it is in a call since 4 min.\n" +
      "2 phones have to be restarted by hand: it is not known where it is registered.",
  );
  expect(restartWords(items.slice(0, 1))).toBe("00:0F:D3:5A:00:01 was told to restart.");
  expect(restartWords(items.slice(2, 3))).toBe("00:0F:D3:5A:00:03 has to be restarted by hand: it is not known where it is registered.");
});

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
