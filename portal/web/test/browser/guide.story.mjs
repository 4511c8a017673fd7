// The guide, sentence by sentence, as an administrator does it here.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { api, inOrder, NARROW, open, stage, toast } from "./stage.mjs";

let portal;
let page;

before(async () => {
  portal = await stage();
  page = await portal.signedIn();
  await api(page, "POST", "/locations", { name: "hq", label: "Head office", emergency_number: "+12025550123", house_number: "100", street: "Example Avenue NW", city: "Washington" });
  await api(page, "POST", "/locations", { name: "annex", label: "Annex", emergency_number: "+12025550144" });
  for (const [extension, name] of [["2041", "Ada King"], ["2042", "Ben Okafor"], ["2043", "Cleo Marchetti"]])
    await api(page, "POST", "/users", { extension, name, pin: "90217382", main_phone: extension === "2043" ? "none" : "desk-phone" });
});
after(() => portal.close());

const row = (text) => page.locator(".rows tbody tr", { hasText: text });

test("New phone: Setup > Phones > Desk Phones > Quick-Create Assignments", async () => {
  await page.getByRole("link", { name: "Desk Phones" }).first().click();
  await page.getByRole("link", { name: "Quick-Create Assignments" }).first().click();
  await page.getByRole("heading", { name: "Quick-Create Assignments" }).waitFor();
});

test("A hot-desk phone needs a location, and some options are grayed out", async () => {
  await page.getByLabel("Assign for Hot Desking").check();
  assert.ok(await page.getByLabel("Extension").isDisabled());
  await page.getByLabel("MAC Address").fill("00:0F:D3:05:48:48");
  await page.getByRole("button", { name: /^Create/ }).click();
  await page.getByText("A hot-desk phone needs a location").waitFor();
  await page.waitForFunction(() => document.activeElement === document.querySelector(".quick-head select"));
  await page.locator(".quick-head select").selectOption("hq");
  await inOrder(page, "quick create with a mistake mended");
});

test("Add Row takes as many phones as you require, mistakes are told at the row", async () => {
  await page.getByRole("button", { name: "Add Row" }).click();
  await page.waitForFunction(() => document.activeElement?.closest("[data-row]")?.dataset.row === "1");
  await page.keyboard.type("000fd305484");
  await page.keyboard.press("Tab");
  await page.getByText("11 of the 12 digits").waitFor();
  const second = page.getByLabel("MAC Address of row 2");
  await second.fill("00-0f-d3-05-48-49");
  await second.blur();
  assert.equal(await second.inputValue(), "00:0F:D3:05:48:49");
  await page.getByRole("button", { name: "Paste a list" }).click();
  await page.getByLabel("One phone a line").fill("mac,location\n000fd305484a,annex\n000fd305484b,annex\n");
  await page.getByRole("button", { name: "Add 2 rows" }).click();
  await page.getByRole("button", { name: "Create 4 hot-desk phones" }).click();
});

test("The phones show up under Setup > Phones > Hot Desking with their location", async () => {
  await page.getByRole("heading", { name: "Hot Desking" }).waitFor();
  await row("00:0F:D3:05:48:48").getByText("Head office").waitFor();
  await row("00:0F:D3:05:48:4A").getByText("Annex").waitFor();
  assert.equal(await page.locator(".rows tbody tr").count(), 4);
});

test("The list is filtered by searching or by Displaying", async () => {
  await page.getByLabel("Displaying").selectOption("annex");
  assert.equal(await page.locator(".rows tbody tr").count(), 2);
  await page.getByLabel("Displaying").selectOption("");
  await page.keyboard.press("Escape");
  await page.locator("h1").click();
  await page.keyboard.press("/");
  await page.keyboard.type("0fd305484b");
  await page.locator(".shown", { hasText: "1 of 4" }).waitFor();
  await page.getByRole("searchbox").fill("");
});

test("An assigned phone: the red X removes the assignment, says what happens, and can be undone", async () => {
  await api(page, "POST", "/phones", { phones: [{ mac: "00:0F:D3:05:50:01", vendor: "sangoma", model: "P330", location: "hq", extension: "2041" }, { mac: "00:0F:D3:05:50:02", vendor: "sangoma", model: "P330", location: "hq", extension: "2042" }] });
  await open(page, "/setup/phones/desk-phones");
  await row("00:0F:D3:05:50:01").getByRole("button", { name: /Delete the assignment/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("nothing to be quick about").waitFor();
  await dialog.getByRole("button", { name: "Delete assignment" }).click();
  await toast(page, "is nobody's now");
  await row("00:0F:D3:05:50:01").getByText("nobody").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await row("00:0F:D3:05:50:01").getByText("Ada King").waitFor();
});

test("Existing users: a desk phone is converted in one step, and its user with it", async () => {
  await row("00:0F:D3:05:50:01").getByRole("checkbox").check();
  await page.getByRole("button", { name: "Convert to hot desking" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("no address is blocked").waitFor();
  await inOrder(page, "convert dialog");
  await dialog.getByRole("button", { name: "Convert" }).click();
  await page.getByRole("heading", { name: /^Conversion/ }).waitFor();
  await page.locator(".rows", { hasText: "00:0F:D3:05:50:01" }).first().waitFor();
  await open(page, "/setup/manage");
  await row("2041").getByText("Hot Desking").waitFor();
});

test("Allow user to hot desk: a desk phone as main extension stops you, with the way out beside it", async () => {
  await row("2042").getByRole("button", { name: "Manage phones of 2042" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Edit" }).click();
  await dialog.getByLabel("Phone", { exact: true }).selectOption("hot-desking");
  await dialog.getByText("A main extension has one kind of phone").waitFor();
  assert.ok(await dialog.getByRole("button", { name: "Save" }).isDisabled());
  await inOrder(page, "the rule about desk phones");
  await dialog.getByRole("button", { name: "Convert 00:0F:D3:05:50:02" }).waitFor();
  await page.keyboard.press("Escape");
});

test("Not Assigned is shown in red, and Edit sets Hot Desking", async () => {
  await row("2043").getByText("Not Assigned").waitFor();
  await row("2043").getByRole("button", { name: "Manage phones of 2043" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Not Assigned").waitFor();
  await dialog.getByRole("button", { name: "Edit" }).click();
  await dialog.getByLabel("Phone", { exact: true }).selectOption("hot-desking");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("not logged in anywhere").waitFor();
  await inOrder(page, "manage phones");
  await dialog.getByRole("button", { name: "Close" }).last().click();
});

test("Who is logged in is shown with since when; the same extension elsewhere logs the first phone out", async () => {
  await api(page, "POST", "/desks/00%3A0F%3AD3%3A05%3A48%3A48/login", { extension: "2043" });
  await open(page, "/setup/phones/hot-desking");
  await row("00:0F:D3:05:48:48").getByText("2043 Cleo Marchetti").waitFor();
  await row("00:0F:D3:05:48:4A").getByRole("button", { name: /Log in/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("User").selectOption("2043");
  await dialog.getByText("will be logged out there").waitFor();
  await dialog.getByRole("button", { name: "Log in" }).click();
  await row("00:0F:D3:05:48:4A").getByText("2043 Cleo Marchetti").waitFor();
  await row("00:0F:D3:05:48:48").getByText("nobody").waitFor();
});

test("User forgot to log out: an administrator does it, and can undo it", async () => {
  await row("00:0F:D3:05:48:4A").getByRole("button", { name: /Log out 2043/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Log out" }).click();
  await row("00:0F:D3:05:48:4A").getByText("nobody").waitFor();
  await page.locator(".toast", { hasText: "is logged out" }).getByRole("button", { name: "Undo" }).click();
  await row("00:0F:D3:05:48:4A").getByText("2043 Cleo Marchetti").waitFor();
});

test("A phone's page shows its screen as it is now", async () => {
  await row("00:0F:D3:05:48:4A").getByRole("link", { name: "00:0F:D3:05:48:4A" }).click();
  const screen = page.locator(".screen");
  await screen.getByText("Cleo Marchetti").waitFor();
  await screen.getByText("LOGOUT").waitFor();
  await screen.getByText("Annex").waitFor();
  await page.locator(".facts", { hasText: "+12025550144" }).waitFor();
});

test("A hot-desk phone's page has the address and the QR code for people's own phones", async () => {
  const card = page.locator(".phone-desk");
  const link = card.getByRole("link");
  const url = await link.getAttribute("href");
  assert.match(url, /\/d\/000fd305484a\/[0-9a-f]{32}\/m\/$/);
  assert.equal(await link.textContent(), url);
  const code = card.getByRole("img", { name: "QR code that opens the desk page of 00:0F:D3:05:48:4A" });
  await code.waitFor();
  // It is drawn, not only asked for.
  await page.waitForFunction(() => document.querySelector(".phone-desk img").naturalWidth > 0);
  const download = page.waitForEvent("download");
  await card.getByRole("button", { name: "QR code to print" }).click();
  assert.equal((await download).suggestedFilename(), "desk-000FD305484A.svg");
  await inOrder(page, "the page of a hot-desk phone");
  await open(page, "/phones/00%3A0F%3AD3%3A05%3A50%3A02");
  await page.getByRole("heading", { name: "00:0F:D3:05:50:02" }).waitFor();
  assert.equal(await page.locator(".phone-desk").count(), 0, "a desk phone has no desk page");
  const viewer = await portal.signedIn("viewer");
  await open(viewer, "/phones/00%3A0F%3AD3%3A05%3A48%3A4A");
  await viewer.locator(".phone-now").waitFor();
  assert.equal(await viewer.locator(".phone-desk").count(), 0);
  await viewer.context().close();
  await open(page, "/setup/phones/hot-desking");
});

test("A phone that shows LOGIN by an app says whether it has it, and can be given it", async () => {
  await api(page, "POST", "/phones", { phones: [{ mac: "00:0F:D3:05:65:01", vendor: "sangoma", model: "D65", location: "annex", hot_desk: true }] });
  await open(page, "/setup/phones/hot-desking");
  const missing = page.locator("details.note", { hasText: "1 phone has no login screen yet" });
  await missing.locator("summary").click();
  await missing.getByRole("link", { name: "00:0F:D3:05:65:01" }).waitFor();
  await inOrder(page, "hot desking, with a phone that has no login screen");
  await missing.getByRole("link", { name: "00:0F:D3:05:65:01" }).click();
  const card = page.locator(".phone-app");
  await card.getByText("Not installed").waitFor();
  await inOrder(page, "the page of a phone with an app");
  const viewer = await portal.signedIn("viewer");
  await open(viewer, "/phones/00%3A0F%3AD3%3A05%3A65%3A01");
  await viewer.locator(".phone-now").waitFor();
  assert.equal(await viewer.locator(".phone-app").count(), 0);
  await viewer.context().close();
  await card.getByRole("button", { name: "Menu password" }).click();
  await page.getByRole("dialog").getByText("audit log").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Show" }).click();
  await card.locator(".mono", { hasText: /^\d{12}$/ }).waitFor();
  const audit = await api(page, "GET", "/audit?search=desk.app.password");
  if (portal.isReal) assert.match(audit.items[0].about, /00:0F:D3:05:65:01/);
  await open(page, "/setup/phones/hot-desking");
});

test("All of it can be reached on a phone's own small screen", async () => {
  const small = await portal.signedIn("administrator", { viewport: NARROW });
  await small.getByRole("button", { name: "Menu" }).click();
  await small.getByRole("link", { name: "Hot Desking" }).click();
  await small.getByRole("heading", { name: "Hot Desking" }).waitFor();
  await small.locator(".rows tbody tr").first().waitFor();
  await inOrder(small, "hot desking, narrow");
  await small.context().close();
});
