// Every page and state: accessible, as wide as the window, light and dark, wide and narrow.

import { after, before, test } from "node:test";
import { fill, inOrder, NARROW, open, stage, WIDE } from "./stage.mjs";

const PAGES = [
  "/", "/setup/phones/desk-phones", "/setup/phones/hot-desking", "/setup/phones/quick-create", "/setup/manage", "/setup/manage/2001",
  "/locations", "/conversions", "/conversions/1", "/security/blocks", "/security/leases", "/security/bindings", "/security/out-of-place",
  "/security/events", "/security/rules", "/security/why", "/security/why?about=198.51.100.7", "/phones/00:0F:D3:5A:00:01",
  "/phones/00:0F:D3:5A:00:06", "/audit", "/administrators", "/system", "/no/such/page",
];
const EMPTY = [
  "/", "/setup/phones/desk-phones", "/setup/phones/hot-desking", "/setup/manage", "/locations", "/conversions", "/security/blocks",
  "/security/leases", "/security/bindings", "/security/out-of-place", "/security/events", "/audit", "/phones/00:00:00:00:00:01",
];

let portal;
before(async () => {
  portal = await stage();
});
after(() => portal.close());

async function look(paths, options, what) {
  const page = await portal.signedIn("administrator", options);
  for (const path of paths) {
    await open(page, path);
    await page.waitForFunction(() => !document.querySelector("#page .loading"));
    await inOrder(page, `${what} ${path}`);
  }
  await page.context().close();
}

test("empty pages teach the first step and are in order", () => look(EMPTY, { viewport: NARROW }, "empty"));
test("an office is set up", async () => {
  const page = await portal.signedIn();
  await fill(page);
  await page.context().close();
});
test("pages are in order, wide and light", () => look(PAGES, { viewport: WIDE }, "wide"));
test("pages are in order, narrow and dark", () => look(PAGES, { viewport: NARROW, colorScheme: "dark" }, "narrow, dark"));
test("pages are in order on a 4K screen", () => look(PAGES.slice(0, 8), { viewport: { width: 3840, height: 2160 } }, "4K"));

test("the sign-in page is in order, also when the password is wrong", async () => {
  const page = await portal.visitor();
  await page.goto(portal.url);
  await page.getByLabel("Name").fill("administrator");
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("do not belong together").waitFor();
  await inOrder(page, "sign-in");
  await page.context().close();
});

test("dialogs are in order and give the focus back", async () => {
  const page = await portal.signedIn();
  const opened = async (path, button, what = button) => {
    await open(page, path);
    const opener = page.getByRole("button", { name: button }).first();
    await opener.click();
    await page.getByRole("dialog").waitFor();
    await inOrder(page, `dialog ${what}`);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  };
  await opened("/setup/phones/desk-phones", /^Delete the assignment/);
  await opened("/setup/phones/desk-phones", /^Assign 00/);
  await opened("/setup/phones/quick-create", "Paste a list");
  await opened("/setup/phones/hot-desking", /^Log out 2006/);
  await opened("/setup/phones/hot-desking", /^Log in at/);
  await opened("/setup/manage", "Add user");
  await opened("/setup/manage", "Import");
  await opened("/setup/manage", /^Change 2001/);
  await opened("/locations", "Add location");
  await opened("/locations", /^Test call/);
  await opened("/locations", /^Change Front/);
  await opened("/conversions", "Start a conversion");
  await opened("/conversions/1", "Undo");
  await opened("/security/blocks", "Refuse an address");
  await opened("/security/blocks", "Forgive a phone");
  await opened("/security/blocks", /^Unblock/);
  await opened("/security/blocks", /Sweeps MAC addresses/);
  await opened("/administrators", "Add");
  await opened("/administrators", "Make a token");
  await opened("/audit", /^(admin|token|block|convert|desk)/); // whichever is in sight
  await open(page, "/locations");
  await page.getByRole("button", { name: "Add location" }).click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.activeElement?.textContent?.includes("Add location"));
  await page.context().close();
});
