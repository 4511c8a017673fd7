// What every story in the browser needs: a portal to talk to, people who are signed in, and a look for
// accessibility. Talks to a daemon of its own when PORTAL_URL, PORTAL_NAME and PORTAL_PASSWORD say which,
// else to the stand-in of dev/.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 360, height: 740 };

async function standIn(options) {
  let server;
  const start = (port) => {
    server = spawn(process.execPath, [fileURLToPath(new URL("../../dev/server.mjs", import.meta.url)), "--port", port, "--still", ...options], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    return new Promise((resolve, reject) => {
      server.stdout.once("data", (line) => resolve(String(line).trim().replace(/\/$/, "")));
      server.once("exit", () => reject(new Error("the stand-in did not start")));
    });
  };
  const url = await start("0");
  const down = () => new Promise((resolve) => server.once("exit", resolve) && server.kill());
  return { url, down, up: () => start(new URL(url).port), stop: () => server.kill(), people: { administrator: ["administrator", "storm"], helpdesk: ["helpdesk", "storm"], viewer: ["viewer", "storm"] } };
}

// A portal without phones, unless the options say otherwise; `close()` at the end.
export async function stage(options = ["--empty"]) {
  const portal = process.env.PORTAL_URL
    ? { url: process.env.PORTAL_URL.replace(/\/$/, ""), stop: () => undefined, people: { administrator: [process.env.PORTAL_NAME, process.env.PORTAL_PASSWORD] } }
    : await standIn(options);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const elsewhere = [];

  const visitor = async ({ viewport = WIDE, colorScheme = "light" } = {}) => {
    const context = await browser.newContext({ viewport, colorScheme, ignoreHTTPSErrors: true, reducedMotion: "reduce" });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.wrongs = [];
    page.on("pageerror", (error) => page.wrongs.push(String(error)));
    page.on("console", (message) => /Content Security Policy/.test(message.text()) && page.wrongs.push(message.text()));
    page.on("request", (request) => !request.url().startsWith(portal.url) && !/^(data|blob):/.test(request.url()) && elsewhere.push(request.url()));
    return page;
  };
  const signedIn = async (role = "administrator", options = {}) => {
    const page = await visitor(options);
    const [name, password] = portal.people[role];
    await page.goto(portal.url);
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator("#page h1").waitFor();
    return page;
  };
  return {
    url: portal.url,
    people: portal.people,
    down: portal.down,
    up: portal.up,
    visitor,
    signedIn,
    async close() {
      await browser.close();
      portal.stop();
      assert.deepEqual(elsewhere, [], "no page asks anybody else");
    },
  };
}

// Asks the API as the person whose page it is.
export async function api(page, method, path, body) {
  const answer = await page.evaluate(
    async ([method, path, body]) => {
      const session = await (await fetch("/api/v1/session")).json();
      const headers = { "X-CSRF-Token": session.csrf, ...(body ? { "Content-Type": "application/json" } : {}) };
      const response = await fetch(`/api/v1${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
      const text = await response.text();
      return { status: response.status, data: text ? JSON.parse(text) : {} };
    },
    [method, path, body],
  );
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.data)}`);
  return answer.data;
}

export async function open(page, path) {
  await page.evaluate((to) => {
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, path);
  await page.locator("#page h1").waitFor();
}

// No violation of what axe can check, nothing wider than the window, no error of the page.
export async function inOrder(page, what) {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const report = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return report.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
  });
  assert.deepEqual(violations, [], what);
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(excess, 0, `${what}: wider than the window`);
  assert.deepEqual(page.wrongs, [], what);
}

export async function toast(page, text) {
  await page.locator(".toast", { hasText: text }).first().waitFor();
}
