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
