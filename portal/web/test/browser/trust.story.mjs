// Roles, what strangers write, two administrators at one thing, a session that ends, a restart under an
// open page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { api, inOrder, open, stage } from "./stage.mjs";

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
  await other.getByText("Somebody else changed this").waitFor();
  await other.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await other.locator(".rows", { hasText: "Head office, north" }).waitFor();
  await other.context().close();
});

test("a phone that somebody else moves while it is edited stays where he put it", async () => {
  await api(page, "POST", "/locations", { name: "lab", label: "Laboratory", emergency_number: "+12025550166" });
  const [path, mac] = ["/phones/00%3A0F%3AD3%3A05%3A48%3A48", "00:0F:D3:05:48:48"];
  await open(page, `/phones/${mac}`);
  const dialog = page.getByRole("dialog");
  const change = async () => {
    await page.getByRole("button", { name: "Change", exact: true }).click();
    await dialog.getByLabel("Model").fill("P325");
  };
  await change();
  await api(page, "PATCH", path, { location: "lab" });
  await page.locator(".phone-now", { hasText: "Laboratory" }).waitFor();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("Somebody else changed this").waitFor();
  assert.equal((await api(page, "GET", path)).location, "lab");
  await page.keyboard.press("Escape");
  await change();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  const phone = await api(page, "GET", path);
  assert.deepEqual([phone.location, phone.model], ["lab", "P325"]);
  await api(page, "PATCH", path, { location: "hq", model: "P330" });
});

test("of two changes that name the same version at the same moment one is done", async (t) => {
  if (!portal.isReal) return t.skip("the stand-in does one thing at a time");
  const statuses = await page.evaluate(async () => {
    const { csrf } = await (await fetch("/api/v1/session")).json();
    const spellings = ["000fd3054848", "00%3A0F%3AD3%3A05%3A48%3A48", "00-0f-d3-05-48-48"];
    const all = [];
    for (let round = 0; round < 20; ++round) {
      const version = (await fetch(`/api/v1/phones/${spellings[0]}`)).headers.get("ETag");
      const change = async (spelling, n) =>
        (await fetch(`/api/v1/phones/${spelling}`, {
          method: "PATCH",
          headers: { "X-CSRF-Token": csrf, "If-Match": version, "Content-Type": "application/json" },
          body: JSON.stringify({ variables: { round: `${round}-${n}` } }),
        })).status;
      all.push((await Promise.all(spellings.map(change))).sort());
    }
    return all;
  });
  for (const [first, ...others] of statuses) {
    assert.equal(first, 200);
    for (const other of others) assert.ok(other === 409 || other === 412, `${other}`);
  }
});

test("a block that could not be put back as it was has no Undo; another is put back for what is left of it", async () => {
  await api(page, "POST", "/blocks", { source: "198.51.100.9", service: "sip", for: "2h", reason: "Guesses." });
  const letIn = async (one) => {
    await open(one, "/security/blocks");
    await one.getByRole("button", { name: /^Unblock 198\.51\.100\.9/ }).click();
    await one.getByRole("dialog").getByRole("button", { name: "Let in" }).click();
    await one.locator(".toast", { hasText: "is let in again" }).waitFor();
  };
  await letIn(page);
  await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: /^Unblock 198\.51\.100\.9/ }).waitFor();
  const again = (await api(page, "GET", "/blocks")).items.find((one) => one.source === "198.51.100.9");
  const left = Date.parse(again.until) - Date.now();
  assert.ok(left > 3_600_000 && left <= 7_200_000, again.until);
  const help = await portal.signedIn("helpdesk");
  await letIn(help);
  assert.equal(await help.locator(".toast").getByRole("button", { name: "Undo" }).count(), 0);
  await help.context().close();
});

test("secrets among the variables are for administrators", async (t) => {
  if (!portal.isReal) return t.skip("the stand-in has none");
  const path = "/phones/00%3A0F%3AD3%3A05%3A48%3A48";
  const variables = { admin_password: "for the phone alone", time_zone: "UTC" };
  await api(page, "PATCH", path, { variables });
  await api(page, "PATCH", "/locations/hq", { variables });
  assert.equal((await api(page, "GET", path)).variables.admin_password, variables.admin_password);
  for (const role of ["helpdesk", "viewer"]) {
    const other = await portal.signedIn(role);
    for (const where of [path, "/locations/hq"]) {
      const seen = (await api(other, "GET", where)).variables;
      assert.deepEqual([seen.admin_password, seen.time_zone], ["(secret)", "UTC"], `${role} ${where}`);
    }
    if (role === "helpdesk") assert.ok(!JSON.stringify(await api(other, "GET", "/audit")).includes(variables.admin_password));
    await other.context().close();
  }
  for (const where of [path, "/locations/hq"]) await api(page, "PATCH", where, { variables: { admin_password: "" } });
});

test("who may hot desk can be given a desk phone instead, in one step", async () => {
  await api(page, "POST", "/users", { extension: "2060", name: "Gia Desk", pin: "90217382", main_phone: "hot-desking" });
  await api(page, "POST", "/phones", { phones: [{ mac: "00:0F:D3:05:48:60", vendor: "sangoma", model: "P330", location: "hq" }] });
  await open(page, "/setup/manage/2060");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Edit" }).click();
  await dialog.getByLabel("Phone", { exact: true }).selectOption("desk-phone");
  await dialog.getByLabel("Which phone").selectOption("00:0F:D3:05:48:60");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.locator(".main-extension", { hasText: "00:0F:D3:05:48:60" }).waitFor();
  await dialog.getByRole("button", { name: "Edit" }).click();
  await dialog.getByLabel("Phone", { exact: true }).selectOption("hot-desking");
  await dialog.getByRole("button", { name: "Delete the assignment" }).click();
  await page.getByRole("button", { name: "Convert it in one step instead" }).click();
  await page.getByRole("dialog", { name: /^Convert/ }).waitFor();
  await page.keyboard.press("Escape");
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

test("who would refuse himself is asked first, and who lets in is told what stays refused", async (t) => {
  await open(page, "/security/blocks");
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Refuse an address" }).click();
  await dialog.getByLabel("Address or prefix").fill("203.0.113.9");
  await dialog.getByRole("button", { name: "Refuse" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Unblock 203.0.113.9 for sip" }).click();
  await dialog.getByText("It is refused for").waitFor();
  await inOrder(page, "letting in");
  await dialog.getByRole("button", { name: "Let in" }).click();
  await page.locator(".toast", { hasText: "let in again for sip. It is still refused for" }).waitFor();
  await page.getByRole("button", { name: "Unblock 203.0.113.9 for api" }).click();
  await dialog.getByLabel("For all services").check();
  await dialog.getByRole("button", { name: "Let in" }).click();
  await page.locator(".rows", { hasText: "203.0.113.9" }).waitFor({ state: "detached" });
  if (!portal.isReal) return t.skip("the stand-in refuses nobody");
  await page.getByRole("button", { name: "Refuse an address" }).click();
  await dialog.getByLabel("Address or prefix").fill("127.0.0.1");
  await dialog.getByRole("button", { name: "Refuse" }).click();
  await dialog.getByText("This refuses your own address").waitFor();
  await inOrder(page, "refusing oneself");
  await dialog.getByLabel("Service").selectOption("sip");
  await dialog.getByRole("button", { name: "Refuse", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  await api(page, "DELETE", "/blocks?source=127.0.0.1");
});

test("a list of hundreds can be mended where it is wrong, and places are what people call them", async () => {
  await open(page, "/setup/phones/quick-create");
  await page.getByRole("button", { name: "Paste a list" }).click();
  const lines = Array.from({ length: 250 }, (_, n) => `00:0F:D3:77:${n === 230 ? "zz" : "00"}:${n.toString(16).padStart(2, "0")}\tsangoma\tP330\t${n === 0 ? "laboratory" : ""}`);
  await page.getByRole("dialog").getByLabel("One phone a line").fill(lines.join("\n"));
  await page.getByRole("button", { name: "Add 250 rows" }).click();
  await page.getByText("1 row has a mistake").waitFor();
  assert.equal(await page.getByText("There is no location").count(), 0);
  await page.getByRole("button", { name: "Remove row 231" }).click();
  await page.getByText("1 row has a mistake").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Add Row" }).click();
  await page.getByLabel("MAC Address of row 250").fill("00:0F:D3:77:01:00");
  await page.getByRole("button", { name: "Create 250 phones" }).click();
  await page.locator(".toast", { hasText: "250 phones added" }).waitFor();
  assert.equal((await api(page, "GET", "/phones/000fd3770000")).location, "lab");
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
  await choose(Buffer.from("extension,name\n7001,Jürgen Müller\n", "latin1"));
  await dialog.getByRole("button", { name: "Import 1 row" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("Jürgen Müller").waitFor();
});

test("a form outlives its session: its owner signs in again and goes on, somebody else finds nothing", async () => {
  const other = await portal.signedIn();
  await open(other, "/setup/phones/quick-create");
  await other.getByLabel("MAC Address of row 1").fill("00:0F:D3:05:48:61");
  await other.context().clearCookies();
  await other.getByRole("button", { name: /^Create/ }).click();
  await other.getByText("Your session has ended").waitFor();
  await inOrder(other, "signing in again");
  assert.equal(await other.getByLabel("Name").inputValue(), portal.people.administrator[0]);
  await other.keyboard.press("Escape");
  await other.keyboard.press("Escape");
  const signIn = async ([name, password]) => {
    const form = other.getByRole("dialog", { name: "Sign in to stormdoor" });
    await form.getByLabel("Name").fill(name);
    await form.getByLabel("Password").fill(password);
    await form.getByRole("button", { name: "Sign in" }).click();
  };
  await signIn(portal.people.administrator);
  await other.getByRole("button", { name: /^Create/ }).click();
  await other.locator(".toast", { hasText: "added" }).waitFor();
  await open(other, "/locations");
  await other.getByRole("button", { name: "Add location" }).click();
  await other.getByRole("dialog").getByLabel("Name").fill("typed-before");
  await other.context().clearCookies();
  await other.getByRole("dialog").getByRole("button", { name: "Add location" }).click();
  await other.getByText("Your session has ended").waitFor();
  if (portal.people.helpdesk) {
    await signIn(portal.people.helpdesk);
    await other.locator(".who", { hasText: "helpdesk" }).waitFor({ state: "attached" });
    assert.equal(await other.getByRole("dialog").count(), 0);
  }
  await other.context().close();
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

test("an administrator backs up the database and has the configuration read again", async (t) => {
  if (!portal.isReal) return t.skip("the stand-in has neither");
  await open(page, "/system");
  const copy = page.waitForEvent("download");
  await page.getByRole("button", { name: "Back up the database" }).click();
  const file = await (await copy).createReadStream();
  let head = "";
  for await (const bytes of file) head ||= bytes.subarray(0, 15).toString();
  assert.equal(head, "SQLite format 3");
  await page.getByRole("button", { name: "Read the configuration again" }).click();
  await page.getByRole("button", { name: "Read it" }).click();
  await page.getByRole("dialog", { name: "The configuration was read again" }).locator("li").first().waitFor();
  await inOrder(page, "reloaded");
  await page.keyboard.press("Escape");
  const viewer = await portal.signedIn("viewer");
  await open(viewer, "/system");
  await viewer.getByRole("heading", { name: "Upkeep" }).waitFor();
  assert.equal(await viewer.getByRole("button", { name: "Back up the database" }).count(), 0);
  await viewer.context().close();
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
