// Roles, what strangers write, two administrators at one thing, a session that ends, a restart under an
// open page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { api, open, stage } from "./stage.mjs";

const NASTY = `"><img src=x onerror="globalThis.hurt=1"><script>globalThis.hurt=1</script>`;

let portal;
let page;
before(async () => {
  portal = await stage();
  page = await portal.signedIn();
  await api(page, "POST", "/locations", { name: "hq", label: "Head office", emergency_number: "+12025550123" });
});
after(() => portal.close());

test("what people write is shown, never run", async () => {
  await api(page, "PATCH", "/locations/hq", { label: NASTY.slice(0, 60) });
  await api(page, "POST", "/users", { extension: "2041", name: NASTY.slice(0, 60), pin: "90217382", main_phone: "hot-desking" });
  await api(page, "POST", "/phones", { phones: [{ mac: "00:0F:D3:05:48:48", vendor: "sangoma", model: "P330", location: "hq", hot_desk: true }] });
  await api(page, "POST", "/desks/00%3A0F%3AD3%3A05%3A48%3A48/login", { extension: "2041" });
  for (const path of ["/setup/phones/hot-desking", "/setup/manage", "/setup/manage/2041", "/locations", "/phones/00:0F:D3:05:48:48", "/security/events", "/audit", "/"]) {
    await open(page, path);
    await page.waitForFunction(() => !document.querySelector("#page .loading"));
    await page.keyboard.press("Escape");
  }
  await open(page, "/locations");
  await page.locator(".rows", { hasText: "<img src=x" }).waitFor();
  assert.equal(await page.evaluate(() => globalThis.hurt), undefined);
  assert.equal(await page.locator("#page img").count(), 0);
  assert.deepEqual(page.wrongs, []);
  await api(page, "PATCH", "/locations/hq", { label: "Head office" });
});

test("a helpdesk sees everything and is offered only what it may do", async (t) => {
  if (!portal.people.helpdesk) return t.skip("only one person is known");
  const help = await portal.signedIn("helpdesk");
  await open(help, "/setup/phones/hot-desking");
  await help.getByRole("button", { name: /^Log out 2041/ }).waitFor();
  assert.equal(await help.getByRole("link", { name: "Add hot-desk phones" }).count(), 0);
  await open(help, "/locations");
  await help.locator(".rows").waitFor();
  assert.equal(await help.getByRole("button", { name: "Add location" }).count(), 0);
  await help.context().close();
});

test("a viewer sees everything and changes nothing", async (t) => {
  if (!portal.people.viewer) return t.skip("only one person is known");
  const viewer = await portal.signedIn("viewer");
  await open(viewer, "/setup/phones/hot-desking");
  await viewer.locator(".rows").waitFor();
  assert.equal(await viewer.getByRole("button", { name: /^Log out/ }).count(), 0);
  await open(viewer, "/setup/phones/quick-create");
  await viewer.getByText("Only administrators add phones").waitFor();
  await assert.rejects(api(viewer, "POST", "/locations", { name: "x", emergency_number: "+12025550100" }), /403/);
  await viewer.context().close();
});

test("of two who edit the same thing the second is told, and nothing is lost", async () => {
  const other = await portal.signedIn();
  for (const one of [page, other]) {
    await open(one, "/locations");
    await one.getByRole("button", { name: "Change Head office" }).click();
    await one.getByRole("dialog").waitFor();
  }
  await page.getByRole("dialog").getByLabel("Label").fill("Head office, north");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await other.getByRole("dialog").getByLabel("Label").fill("Head office, south");
  await other.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await other.getByText("Somebody else changed this location").waitFor();
  await other.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await other.locator(".rows", { hasText: "Head office, north" }).waitFor();
  await other.context().close();
});

test("a change made elsewhere appears by itself", async () => {
  const other = await portal.signedIn();
  await open(other, "/locations");
  await other.locator(".rows", { hasText: "Head office, north" }).waitFor();
  await other.locator(".pulse.on").waitFor();
  await api(page, "POST", "/locations", { name: "harbour", label: "Harbour", emergency_number: "+12025550155" });
  await other.locator(".rows", { hasText: "Harbour" }).waitFor();
  await other.context().close();
});

test("a change without the form's token is refused", async () => {
  const status = await page.evaluate(async () => (await fetch("/api/v1/locations", { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"name":"forged"}' })).status);
  assert.equal(status, 403);
});

test("an error is a sentence at its field", async () => {
  await open(page, "/locations");
  await page.getByRole("button", { name: "Add location" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("quay");
  await dialog.getByLabel("Emergency number").fill("911 please");
  await dialog.getByRole("button", { name: "Add location" }).click();
  await dialog.locator(".field", { hasText: "Emergency number" }).locator(".mistake").waitFor();
  assert.equal(await dialog.getByLabel("Emergency number").getAttribute("aria-invalid"), "true");
  await page.keyboard.press("Escape");
});

test("a CSV file is taken, or refused by its lines", async () => {
  await open(page, "/setup/manage");
  await page.getByRole("button", { name: "Import" }).click();
  const dialog = page.getByRole("dialog");
  const choose = (text) => dialog.getByLabel("CSV file").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await choose("extension,name\n7001,Ines Import\nseven,Wrong\n");
  await dialog.getByRole("button", { name: "Import 2 rows" }).click();
  await dialog.getByText("is not an extension").first().waitFor();
  await choose("extension,name\n7001,Ines Import\n");
  await dialog.getByRole("button", { name: "Import 1 row" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("Ines Import").waitFor();
});

test("signing out ends the session", async () => {
  const other = await portal.signedIn();
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.getByRole("heading", { name: "Sign in to stormdoor" }).waitFor();
  assert.equal(await other.evaluate(async () => (await fetch("/api/v1/phones")).status), 401);
  await other.context().close();
});

test("a session that ended elsewhere leads to the sign-in page, and back to the same page", async () => {
  const other = await portal.signedIn();
  await open(other, "/locations");
  await other.context().clearCookies();
  await other.getByRole("button", { name: "Import" }).waitFor();
  await other.getByRole("link", { name: "Audit" }).click();
  await other.getByText("Your session has ended").waitFor();
  const [name, password] = portal.people.administrator;
  await other.getByLabel("Name").fill(name);
  await other.getByLabel("Password").fill(password);
  await other.getByRole("button", { name: "Sign in" }).click();
  await other.getByRole("heading", { name: "Audit" }).waitFor();
  await other.context().close();
});

test("the daemon restarts under an open page: it says so, and goes on by itself", async (t) => {
  if (!portal.down) return t.skip("this portal cannot be restarted from here");
  await open(page, "/locations");
  await portal.down();
  await page.getByText("stormdoor does not answer").waitFor();
  await portal.up();
  await page.getByText("stormdoor does not answer").waitFor({ state: "detached" });
  await page.locator("h1").first().waitFor();
});
