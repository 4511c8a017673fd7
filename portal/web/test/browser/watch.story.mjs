// Who watches: what was refused and why, what happened, who changed what.

import assert from "node:assert/strict";
import { request } from "node:https";
import { after, before, test } from "node:test";
import { api, inOrder, NARROW, open, stage } from "./stage.mjs";

let portal;
before(async () => {
  portal = await stage();
});
after(() => portal.close());

// Somebody else tries passwords, from an address of his own.
function guess(address, name, password = "wrong") {
  const { hostname, port } = new URL(portal.url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path: "/api/v1/session", method: "POST", localAddress: address, rejectUnauthorized: false, headers: { "Content-Type": "application/json" } }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode));
    });
    asked.on("error", (error) => (error.code === "ECONNRESET" ? resolve(0) : reject(error)));
    asked.end(JSON.stringify({ name, password }));
  });
}

test("the shadow report explains itself, and tells whom the limits turned away", async (t) => {
  if (!portal.isReal) return t.skip("the stand-in refuses nobody");
  const page = await portal.signedIn("viewer");
  await open(page, "/security/rules");
  await page.getByText("refuses nobody: made for the first week").waitFor();
  await page.getByText("Nobody: in", { exact: false }).or(page.getByText("holds no events")).waitFor();
  await inOrder(page, "shadow report, empty");
  for (let n = 0; n < 7; ++n) await guess("127.0.0.77", `nobody${n}`);
  while ((await api(page, "GET", "/acl/shadow")).blocks_count === 0) await page.waitForTimeout(200); // written within a second
  await page.getByLabel("Since", { exact: true }).selectOption("30d");
  await page.getByText(/1 block from .* failed attempts/).waitFor();
  await page.getByText("nobody was hit who should not be").waitFor();
  const why = page.getByRole("button", { name: /different mistakes/ });
  await why.click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Phones behind it").waitFor();
  await inOrder(page, "a block of the shadow report");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.ok(await why.evaluate((button) => button === document.activeElement));
  await page.setViewportSize(NARROW);
  await inOrder(page, "shadow report, narrow");
  await page.context().close();
});

test("a preview tells every mistake at its line, in the keys of the file; what is tried stays until its writer leaves", async () => {
  const page = await portal.signedIn();
  await open(page, "/security/rules");
  const editor = page.getByLabel("Access rules, TOML");
  const before = await editor.inputValue();
  await editor.fill(`${before}\n[guard]\nbanana = 1\nbananas = 2\n`);
  await page.getByRole("button", { name: "Preview by replay" }).click();
  if (portal.isReal) {
    const mistakes = page.locator("#rule-mistakes li");
    await mistakes.nth(1).waitFor();
    assert.match(await mistakes.nth(0).textContent(), /^Line \d+ guard\.banana: /);
    assert.match(await mistakes.nth(1).textContent(), /^Line \d+ guard\.bananas: /);
    await inOrder(page, "rules with mistakes");
  }
  await page.getByRole("link", { name: "Leases" }).click();
  await page.getByRole("heading", { name: "Leases" }).waitFor();
  await page.getByRole("link", { name: "Access rules" }).click();
  assert.match(await editor.inputValue(), /banana = 1/);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Name").fill(portal.people.helpdesk[0]);
  await page.getByLabel("Password").fill(portal.people.helpdesk[1]);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("#page h1").waitFor();
  await open(page, "/security/rules");
  await editor.waitFor();
  assert.doesNotMatch(await editor.inputValue(), /banana/);
  await page.context().close();
});

test("a viewer is offered no preview by replay, and learns from a sentence whom a page is for", async () => {
  const page = await portal.signedIn("viewer");
  await open(page, "/security/rules");
  await page.getByRole("button", { name: "Check" }).click();
  await page.getByText("These rules are valid").waitFor();
  assert.equal(await page.getByRole("button", { name: "Preview by replay" }).count(), 0);
  assert.equal(await page.getByText("Preview before you change").count(), 0);
  await open(page, "/audit");
  await page.getByText("Only helpdesk and administrators see who changed what.").waitFor();
  assert.equal(await page.getByRole("alert").filter({ hasText: /./ }).count(), 0);
  await inOrder(page, "audit, for a viewer");
  await page.context().close();
});

test("the audit log is read page by page, the newest first as it was written, and searched by the server", async (t) => {
  if (!portal.isReal) return t.skip("the stand-in writes no audit log");
  const page = await portal.signedIn();
  const mac = (n) => `00:0F:D3:5B:${String(Math.floor(n / 100)).padStart(2, "0")}:${String(n % 100).padStart(2, "0")}`;
  await api(page, "POST", "/phones", { phones: Array.from({ length: 300 }, (_, n) => ({ mac: mac(n), vendor: "sangoma", model: "P330" })) });
  const asked = [];
  page.on("request", (one) => /\/api\/v1\/audit/.test(one.url()) && asked.push(one.url()));
  await open(page, "/audit");
  await page.getByText(/^200 of \d+ changes$/).waitFor();
  const ids = (await api(page, "GET", "/audit?limit=3")).items.map((row) => row.about);
  assert.deepEqual((await page.getByRole("row").getByRole("button").allTextContents()).slice(0, 3).map((text) => text.split(" ").slice(1).join(" ")), ids);
  await api(page, "POST", "/locations", { name: "attic", label: "Attic", emergency_number: "+12025550111", house_number: "1", street: "Example Avenue NW", city: "Washington", networks: [] });
  await page.getByRole("button", { name: /location attic/ }).waitFor();
  const older = page.getByRole("button", { name: "Older changes" });
  await older.click();
  await older.waitFor({ state: "detached" });
  await page.getByText(/^3\d\d changes$/).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "Changes");
  await page.getByLabel("Search in changes").fill("attic");
  await page.getByText("1 change", { exact: true }).waitFor();
  assert.equal(asked.filter((one) => !/limit=(200|3)\b/.test(one)).length, 0, "never the whole log");
  assert.ok(asked.some((one) => /search=attic/.test(one)));
  await inOrder(page, "audit, searched");
  await page.context().close();
});

test("events are whole, in words, and none is there twice while one follows", async (t) => {
  if (!portal.isReal) return t.skip("the stand-in remembers events in one place");
  const page = await portal.signedIn();
  await api(page, "POST", "/blocks", { source: "198.51.100.9", service: "sip", for: "1h", reason: "Sweeps MAC addresses, and its provider has said that nobody there is a customer any more, so that it can stay out until one of them asks." });
  await open(page, "/security/events");
  await page.getByLabel("Since", { exact: true }).selectOption("1h");
  await page.getByRole("button", { name: /198\.51\.100\.9.* was blocked by an administrator/ }).waitFor();
  const shown = async () => Number(/\d+/.exec((await page.locator(".shown").textContent()).replaceAll(",", ""))[0]);
  await page.waitForTimeout(1000); // what came before is there
  const before = await shown();
  await guess("127.0.0.78", "somebody");
  await page.getByRole("button", { name: /somebody/ }).waitFor();
  assert.equal(await shown(), before + 1);
  await page.getByLabel("Since", { exact: true }).selectOption("1d");
  await page.waitForTimeout(1500);
  assert.equal(await page.getByRole("button", { name: /somebody/ }).count(), 1);
  await page.getByLabel("Kind", { exact: true }).selectOption("Failure");
  const row = page.getByRole("row").filter({ hasText: "somebody" });
  await row.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("127.0.0.78", { exact: true }).waitFor();
  await inOrder(page, "an event");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.ok(await row.evaluate((element) => element === document.activeElement));
  await guess("127.0.0.79", "other");
  await page.getByRole("button", { name: /other/ }).waitFor();
  assert.doesNotMatch(await page.locator(".rows .badge").allTextContents().then((all) => all.join(" ")), /Block|-/);
  await page.context().close();
});

test("the overview fills a 4K screen, its charts' words as large as the page's", async () => {
  const page = await portal.signedIn("viewer", { viewport: { width: 3840, height: 2160 } });
  await page.locator(".plot canvas").first().waitFor();
  const grid = await page.locator(".charts").boundingBox();
  assert.ok(grid.y + grid.height > 2160 * 0.8, `the charts end at ${grid.y + grid.height}`);
  const axis = await page.locator(".u-axis").first().boundingBox();
  assert.ok(axis.height > 35, `room for ${axis.height} px of words`);
  await inOrder(page, "overview, 4K");
  await page.setViewportSize(NARROW);
  await page.waitForFunction(() => document.querySelector(".u-axis").clientHeight < 30);
  await inOrder(page, "overview, narrow after 4K");
  await page.setViewportSize({ width: 1440, height: 900 });
  const [pill, last] = [await page.locator(".themes").boundingBox(), await page.locator(".themes label").last().boundingBox()];
  assert.ok(pill.x + pill.width - (last.x + last.width) < 6, "the choice of colours is as wide as its choices");
  await page.context().close();
});

test("a lease that is over leaves the list by itself", async (t) => {
  if (!portal.isReal) return t.skip("the stand-in's leases do not end");
  const page = await portal.signedIn();
  await api(page, "POST", "/phones", { phones: [{ mac: "00:0F:D3:5C:00:01", vendor: "sangoma", model: "P330" }] });
  await api(page, "POST", "/leases", { mac: "00:0F:D3:5C:00:01", for: "3s" });
  await open(page, "/security/leases");
  await page.getByText("in force").waitFor();
  await page.waitForTimeout(1500); // what its opening has changed is read
  await page.getByText("in force").waitFor({ state: "detached", timeout: 15_000 });
  await page.context().close();
});
