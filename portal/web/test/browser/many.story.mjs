// Twenty thousand phones: only what is in sight is drawn, and the keyboard reaches all of it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { api, open, stage } from "./stage.mjs";

let portal;
let page;
before(async () => {
  portal = await stage(["--phones", "20000"]);
  page = await portal.signedIn();
  if (portal.isReal) {
    const phones = Array.from({ length: 20_000 }, (_, n) => ({ mac: (0x000fd3000000 + n).toString(16).padStart(12, "0"), vendor: "sangoma", model: "P330" }));
    await api(page, "POST", "/phones", { phones });
  }
  await open(page, "/setup/phones/desk-phones?role=all");
  await page.locator(".shown", { hasText: "20,000 phones" }).waitFor();
});
after(() => portal.close());

test("only what is in sight is drawn", async () => {
  const drawn = await page.locator(".rows tbody tr").count();
  assert.ok(drawn > 10 && drawn < 80, `${drawn} rows`);
});

test("End and Home, arrows and pages move through all of it", async () => {
  await page.locator(".rows tbody tr").first().focus();
  await page.keyboard.press("End");
  await page.waitForFunction(() => document.activeElement?.getAttribute("data-index") === "19999");
  await page.keyboard.press("ArrowUp");
  await page.waitForFunction(() => document.activeElement?.getAttribute("data-index") === "19998");
  await page.keyboard.press("Home");
  await page.waitForFunction(() => document.activeElement?.getAttribute("data-index") === "0");
  await page.keyboard.press("Space");
  await page.getByText("1 phone chosen").waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".screen").waitFor();
  await page.goBack();
});

test("search narrows at once, and all that is shown can be chosen", async () => {
  await page.locator(".shown", { hasText: "20,000 phones" }).waitFor();
  await page.getByRole("searchbox").fill("00:0F:D3:00:1");
  await page.locator(".shown", { hasText: "of 20,000" }).waitFor();
  await page.getByLabel("Choose all that are shown").check();
  const chosen = Number((await page.locator(".chosen-bar strong").textContent()).replace(/\D/g, ""));
  assert.ok(chosen > 100, `${chosen}`);
});
