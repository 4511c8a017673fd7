// What a press leads to: forms that are being sent, refused or left, questions and their pages, many
// phones at once, and where the news stands.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { api, fill, inOrder, NARROW, open, stage, toast, WIDE } from "./stage.mjs";

let portal;
let page;
before(async () => {
  portal = await stage();
  page = await portal.signedIn();
  await fill(page);
});
after(() => portal.close());

const dialog = () => page.getByRole("dialog");
const row = (text) => page.locator(".rows tbody tr", { hasText: text });

// Keeps what is sent there until release() is called.
async function held(path, method) {
  let release;
  let sent = 0;
  const may = new Promise((resolve) => (release = resolve));
  await page.route(`**/api/v1${path}`, async (route) => {
    if (route.request().method() !== method) return route.fallback();
    ++sent;
    await may;
    await route.continue();
  });
  return { release, sent: () => sent, forget: () => page.unroute(`**/api/v1${path}`) };
}

async function addLocation(name, number) {
  await open(page, "/locations");
  await page.getByRole("button", { name: "Add location" }).click();
  await dialog().getByLabel("Name").fill(name);
  await dialog().getByLabel("Emergency number").fill(number);
}

test("what is being sent cannot be cancelled or sent twice, and a refusal leads to its field, said once", async () => {
  await addLocation("quay", "911 please");
  const sending = await held("/locations", "POST");
  await dialog().getByRole("button", { name: "Add location" }).click();
  await dialog().locator("[type=submit][aria-busy=true]").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.type), "submit", "the focus stays where it was");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  for (const name of ["Cancel", "Close"]) {
    assert.equal(await dialog().getByRole("button", { name }).getAttribute("aria-disabled"), "true");
    await dialog().getByRole("button", { name }).dispatchEvent("click");
  }
  await inOrder(page, "a form that is being sent");
  sending.release();
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-invalid") === "true");
  assert.ok(await dialog().isVisible());
  assert.equal(sending.sent(), 1);
  assert.equal(await dialog().locator(".mistake").count(), 1);
  assert.equal(await dialog().locator(".error-line").count(), 0, "what the field says is not said twice");
  await sending.forget();
});

test("a press beside a form throws nothing away", async () => {
  await page.mouse.click(5, 5);
  assert.equal(await dialog().getByLabel("Name").inputValue(), "quay");
  await page.keyboard.press("Escape");
  await dialog().waitFor({ state: "detached" });
});

test("what is refused after its page was left is told all the same", async () => {
  await open(page, "/");
  await addLocation("front-desk", "+12025550155");
  const sending = await held("/locations", "POST");
  await dialog().getByRole("button", { name: "Add location" }).click();
  await dialog().locator("[type=submit][aria-busy=true]").waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  sending.release();
  await page.locator(".toast.bad", { hasText: "front-desk" }).waitFor();
  await page.locator(".toast.bad").getByRole("button", { name: "Dismiss" }).click();
  await sending.forget();
});

test("a question goes with its page, and the new page has the focus", async () => {
  await open(page, "/locations");
  await open(page, "/setup/phones/hot-desking");
  await page.getByRole("button", { name: /^Log out 2006/ }).click();
  await dialog().waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "Locations" }).waitFor();
  assert.equal(await dialog().count(), 0);
  await page.waitForFunction(() => document.activeElement?.tagName === "H1");
});

test("two quick presses on a row's button are not a press on the row", async () => {
  await open(page, "/setup/phones/desk-phones");
  await row("00:0F:D3:5A:00:01").getByRole("button", { name: /^Delete the assignment/ }).dblclick();
  await dialog().waitFor();
  await page.keyboard.press("Escape");
  await dialog().waitFor({ state: "detached" });
  await row("00:0F:D3:5A:00:01").getByRole("checkbox").dblclick();
  assert.match(page.url(), /desk-phones$/);
});

test("of many phones all are removed or none, and who is in the way is named", async () => {
  const macs = [1, 2, 3].map((n) => `00:0F:D3:5B:00:0${n}`);
  await api(page, "POST", "/phones", { phones: macs.map((mac) => ({ mac, vendor: "sangoma", model: "P330" })) });
  const left = async () => (await api(page, "GET", "/phones?limit=1000")).items.filter((one) => macs.includes(one.mac)).length;
  await open(page, "/setup/phones/desk-phones?search=000fd35b");
  await page.getByLabel("Choose all that are shown").check();
  await page.getByRole("button", { name: "Remove" }).click();
  await dialog().waitFor();
  const assignment = `/phones/${encodeURIComponent(macs[1])}/assignment`;
  await api(page, "PUT", assignment, { extension: "2008", additional: true });
  await dialog().getByRole("button", { name: "Remove" }).click();
  await dialog().locator(".error-line", { hasText: macs[1] }).waitFor();
  assert.equal(await left(), 3);
  await inOrder(page, "a removal that is refused");
  await page.keyboard.press("Escape");
  await api(page, "DELETE", assignment);
  await row(macs[1]).getByRole("button", { name: "Assign" }).waitFor();
  await page.getByRole("button", { name: "Remove" }).click();
  await dialog().getByRole("button", { name: "Remove" }).click();
  await toast(page, "3 phones removed.");
  assert.equal(await left(), 0);
});

test("who could not be told to restart is said, and shown", async () => {
  await open(page, "/setup/phones/desk-phones");
  for (const n of [1, 2]) await row(`00:0F:D3:5A:00:0${n}`).getByRole("checkbox").check();
  await page.getByRole("button", { name: "Restart" }).click();
  await dialog().getByRole("button", { name: "Restart" }).click();
  await toast(page, "2 phones have to be restarted by hand: it is not known where");
  await inOrder(page, "phones were told to restart");
  await page.locator(".toast").getByRole("button", { name: "Show them" }).click();
  await row("00:0F:D3:5A:00:01").getByText("by hand: it is not known where").waitFor();
  await row("00:0F:D3:5A:00:02").waitFor();
  assert.equal(await row("00:0F:D3:5A:00:08").count(), 0);
  await inOrder(page, "phones to restart by hand");
  await open(page, "/");
  await page.getByRole("link", { name: "To restart by hand" }).click();
  await row("00:0F:D3:5A:00:01").waitFor();
  await page.getByLabel("Restart", { exact: true }).selectOption("restarting");
  await page.waitForURL(/restart=restarting/);
  await open(page, `/phones/${encodeURIComponent("00:0F:D3:5A:00:01")}`);
  await page.getByRole("button", { name: "Restart" }).click();
  await dialog().getByRole("button", { name: "Restart" }).click();
  await toast(page, "00:0F:D3:5A:00:01 has to be restarted by hand: it is not known where");
});

test("the first phone of a user who has only additional ones becomes the main one, and hot desking is named", async () => {
  const [main, more, next] = [1, 2, 3].map((n) => `00:0F:D3:5C:00:0${n}`);
  const of = (mac) => `/phones/${encodeURIComponent(mac)}/assignment`;
  await api(page, "POST", "/users", { extension: "2031", name: "Ben (Sales), additional phone 9", pin: "90217382", main_phone: "desk-phone" });
  await api(page, "POST", "/phones", { phones: [main, more, next].map((mac) => ({ mac, vendor: "sangoma", model: "P330" })) });
  await api(page, "PUT", of(main), { extension: "2031", additional: false });
  await api(page, "PUT", of(more), { extension: "2031", additional: true });
  await open(page, "/setup/phones/desk-phones?search=000fd35c");
  await row(main).getByRole("button", { name: /^Delete the assignment/ }).click();
  await dialog().getByText("then has no main phone").waitFor();
  await dialog().getByRole("button", { name: "Delete assignment" }).click();
  await page.locator(".toast", { hasText: `${main} is nobody's now` }).getByRole("button", { name: "Undo" }).click();
  await toast(page, `${main} belongs to 2031 again`);
  assert.equal((await api(page, "GET", "/users/2031")).main_extension, main);
  await api(page, "DELETE", of(main));
  await row(next).getByRole("button", { name: "Assign" }).click();
  await dialog().getByLabel("User").selectOption("2005");
  await dialog().getByText("is set to Hot Desking").waitFor();
  await dialog().getByLabel("User").selectOption("2031");
  await page.waitForFunction(() => !document.querySelector("dialog .note"));
  await dialog().getByRole("button", { name: "Assign" }).click();
  await toast(page, `${next} now belongs to 2031`);
  assert.equal((await api(page, "GET", "/users/2031")).main_extension, next);
});

test("the news stands in nobody's way: a form's buttons are free at any width", async () => {
  await open(page, "/setup/phones/quick-create");
  for (const [width, height] of [[1440, 900], [1440, 600], [900, 700], [NARROW.width, NARROW.height]]) {
    await page.setViewportSize({ width, height });
    await page.locator("[data-row] input").first().evaluate((input) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "000fd3054841\n000fd3054842\n");
      input.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    });
    await toast(page, "2 rows added");
    await page.locator(".form-foot").scrollIntoViewIfNeeded();
    const covered = await page.evaluate(() =>
      [...document.querySelectorAll(".form-foot > *")].filter((button) => {
        const box = button.getBoundingClientRect();
        return [box.left + 2, box.right - 2].some((x) => !button.contains(document.elementFromPoint(x, box.top + box.height / 2)));
      }).length);
    assert.equal(covered, 0, `${width} × ${height}`);
  }
  await page.setViewportSize(WIDE);
});

test("when a phone was last seen goes on, and is sorted by", async () => {
  const times = { "00:0F:D3:5A:00:01": 600, "00:0F:D3:5A:00:02": 90 };
  const at = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
  await page.route("**/api/v1/phones?*", async (route) => {
    const answer = await route.fetch();
    const list = await answer.json();
    for (const one of list.items) if (times[one.mac]) Object.assign(one, { last_seen: "541ms ago", last_seen_at: at(times[one.mac]) });
    await route.fulfill({ response: answer, json: list });
  });
  await open(page, "/");
  await open(page, "/setup/phones/desk-phones?location=front-desk");
  await row("00:0F:D3:5A:00:01").locator("time", { hasText: "10 min ago" }).waitFor();
  await page.getByRole("button", { name: "Last seen" }).click();
  await page.getByRole("button", { name: "Last seen" }).click();
  await page.locator(".rows tbody tr").first().getByText("00:0F:D3:5A:00:02").waitFor();
  await page.unroute("**/api/v1/phones?*");
});

test("Back finds a search, its filters and the question that was asked again", async () => {
  await open(page, "/setup/phones/desk-phones");
  await page.getByLabel("Displaying").selectOption("front-desk");
  await page.getByLabel("Kind").selectOption("all");
  await page.getByRole("searchbox").fill("5a:00:03");
  await page.locator(".shown", { hasText: /^1 of/ }).waitFor();
  await row("00:0F:D3:5A:00:03").getByRole("link").first().click();
  await page.locator(".screen").waitFor();
  await page.goBack();
  await page.locator(".shown", { hasText: /^1 of/ }).waitFor();
  assert.equal(await page.getByRole("searchbox").inputValue(), "5a:00:03");
  assert.equal(await page.getByLabel("Displaying").inputValue(), "front-desk");
  await open(page, "/security/why?about=2001");
  await open(page, "/security/why?about=2002");
  await page.goBack();
  await page.waitForFunction(() => document.querySelector("#about").value === "2001");
});

test("a phone that is not back shows no LOGIN, and long names end in three dots", async () => {
  await open(page, `/phones/${encodeURIComponent("00:0F:D3:5A:00:03")}`);
  await page.locator(".screen").getByText("Not back yet").waitFor();
  assert.equal(await page.locator(".screen").getByText("LOGIN").count(), 0);
  await inOrder(page, "a phone that is not back");
  await api(page, "PATCH", "/locations/front-desk", { label: "Front desk of the main building, second lobby to the left" });
  await api(page, "PATCH", "/users/2001", { name: "Adelheid Konstantina von und zu Kingsborough-Featherstone" });
  await open(page, `/phones/${encodeURIComponent("00:0F:D3:5A:00:01")}`);
  await page.locator(".screen", { hasText: "second lobby" }).getByText("Adelheid").waitFor();
  const boxes = await page.locator(".screen-top span, .screen-middle strong").evaluateAll((all) =>
    all.map((one) => ({ left: one.getBoundingClientRect().left, right: one.getBoundingClientRect().right, dots: getComputedStyle(one).textOverflow })));
  const screen = await page.locator(".screen").boundingBox();
  assert.ok(boxes[1].left - boxes[0].right >= 8, "extension and label are apart");
  for (const { left, right, dots } of boxes) assert.ok(left >= screen.x && right <= screen.x + screen.width && dots === "ellipsis");
});
