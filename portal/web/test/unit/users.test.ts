import { expect, test } from "vitest";
import type { UserRow } from "../../src/api/types";
import { mainMac, whyAdditional } from "../../src/lib/users";

const MAC = "00:0F:D3:5A:00:01";
const user = (more: Partial<UserRow>): UserRow => ({ extension: "2041", name: "Ada King", main_phone: "desk-phone", main_extension: MAC, phones: [MAC], pin: "set", ...more });

test("the main phone is the one that is named so, not any that the user has", () => {
  expect(mainMac(user({}))).toBe(MAC);
  expect(mainMac(user({ main_extension: "Not Assigned" }))).toBe("");
});

test("a further phone is additional where there is a main phone or hot desking, and else the main one", () => {
  expect(whyAdditional(user({}))).toMatch(/^Ada King has a main phone already/);
  expect(whyAdditional(user({ name: "" }))).toMatch(/^2041 has a main phone already/);
  expect(whyAdditional(user({ main_phone: "hot-desking", main_extension: "Hot Desking", phones: [] }))).toMatch(/set to Hot Desking/);
  expect(whyAdditional(user({ main_extension: "Not Assigned" }))).toBe("");
  expect(whyAdditional(user({ main_phone: "none", main_extension: "Not Assigned", phones: [] }))).toBe("");
});
