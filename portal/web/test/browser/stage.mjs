// What every story in the browser needs: a portal to talk to, people who are signed in, and a look for
// accessibility. With STORMDOOR_BIN the portal is that folder's stormdoord, started on loopback for the
// story; without, the stand-in of dev/.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  return { url, down, up: () => start(new URL(url).port), stop: down, people: { administrator: ["administrator", "storm"], helpdesk: ["helpdesk", "storm"], viewer: ["viewer", "storm"] } };
}

const BIN = process.env.STORMDOOR_BIN;
// Pages that are being worked on, in place of the daemon's own: STORMDOOR_PAGES=dist after `npm run build`.
const PAGES = process.env.STORMDOOR_PAGES;
const TYPES = { html: "text/html", js: "text/javascript", css: "text/css", svg: "image/svg+xml", woff2: "font/woff2" };

async function pageOf(route) {
  const path = new URL(route.request().url()).pathname;
  if (path.startsWith("/api/")) return route.continue();
  const file = /\.\w+$/.test(path) ? path : "/index.html";
  await route.fulfill({ contentType: TYPES[file.split(".").at(-1)], body: readFileSync(join(PAGES, file)) });
}
const PASSWORD = "four words in a storm";

// The real daemon on ports that the kernel chooses, in a folder of its own.
async function daemon() {
  const folder = mkdtempSync(join(tmpdir(), "stormdoor-portal-"));
  chmodSync(folder, 0o755);
  cpSync(fileURLToPath(new URL("../../../../etc/phones", import.meta.url)), join(folder, "phones"), { recursive: true });
  mkdirSync(join(folder, "files"));
  const config = join(folder, "stormdoor.toml");
  const write = (portal) =>
    writeFileSync(
      config,
      `[daemon]
state_directory = "${folder}/state"
control_socket = "${folder}/control.sock"
user = "${process.getuid() === 0 ? "nobody" : ""}"
workers = 1
[tftp]
listen = ["127.0.0.1:0"]
[http]
listen = ["127.0.0.1:0"]
[https]
listen = ["127.0.0.1:0"]
[status]
listen = ["127.0.0.1:0"]
[portal]
listen = ["${portal}"]
[provisioning]
profiles = "${folder}/phones"
files = "${folder}/files"
base_url = "https://127.0.0.1"
[provisioning.variables]
sip_server = "127.0.0.1"
[[network]]
name = "This machine"
prefixes = ["127.0.0.0/8"]
services = ["provisioning", "desk-login", "sip", "portal", "api"]
identity = "none"
`,
    );
  const shell = (arguments_, input = "") =>
    JSON.parse(execFileSync(join(BIN, "stormdoor"), ["--json", "--socket", join(folder, "control.sock"), ...arguments_], { input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] }));
  let server;
  const up = async () => {
    const log = openSync(join(folder, "log"), "a");
    server = spawn(join(BIN, "stormdoord"), ["--config", config], { stdio: ["ignore", log, log] });
    let ended = false;
    server.once("exit", () => (ended = true));
    for (const deadline = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      try {
        return shell(["status"]).data.listeners.find((one) => one.service === "portal").address;
      } catch (error) {
        if (ended || Date.now() > deadline) throw new Error(`stormdoord did not start: ${readFileSync(join(folder, "log"), "utf8")} ${error}`);
      }
    }
  };
  const down = () =>
    new Promise((resolve) => {
      server.once("exit", resolve);
      server.kill();
    });
  write("127.0.0.1:0");
  const address = await up();
  write(address); // the same again after a restart
  const people = {};
  for (const role of ["administrator", "helpdesk", "viewer"]) {
    shell(["admin", "add", role, "--role", role, "--password"], `${PASSWORD}\n`);
    people[role] = [role, PASSWORD];
  }
  const stop = async () => {
    await down();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: `https://${address}`, people, up, down, stop, shell };
}

// A portal without phones, unless the options for the stand-in say otherwise; `close()` at the end.
export async function stage(options = ["--empty"]) {
  const portal = BIN ? await daemon() : await standIn(options);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const elsewhere = [];

  const visitor = async ({ viewport = WIDE, colorScheme = "light" } = {}) => {
    const context = await browser.newContext({ viewport, colorScheme, ignoreHTTPSErrors: true, reducedMotion: "reduce" });
    if (PAGES) await context.route("**/*", pageOf);
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
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
    await page.locator(".pulse.on").waitFor({ state: "attached" });
    return page;
  };
  return {
    url: portal.url,
    people: portal.people,
    down: portal.down,
    up: portal.up,
    isReal: BIN !== undefined,
    visitor,
    signedIn,
    async close() {
      await browser.close();
      await portal.stop();
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

// An office with something on every page.
export async function fill(page) {
  for (const [name, label, emergency_number] of [["front-desk", "Front desk", "+12025550111"], ["open-plan", "Open plan", "+12025550122"], ["workshop", "Workshop & stores", "+12025550133"]])
    await api(page, "POST", "/locations", { name, label, emergency_number, house_number: "100", street: "Example Avenue NW", city: "Washington", networks: ["10.20.0.0/16"] });
  const people = ["Ada King", "Ben Okafor", "Cleo Marchetti", "Dan Whitfield", "Eve Lindqvist", "Finn O’Hara", "Gil Aranda", "Hana Suzuki"];
  for (const [n, name] of people.entries())
    await api(page, "POST", "/users", { extension: String(2001 + n), name, ...(n === 7 ? {} : { pin: "90217382" }), main_phone: n < 4 ? "desk-phone" : n < 7 ? "hot-desking" : "none" });
  const mac = (n) => `00:0F:D3:5A:00:0${n}`;
  const model = { vendor: "sangoma", model: "P330" };
  await api(page, "POST", "/phones", {
    phones: [
      ...[1, 2, 3, 4].map((n) => ({ mac: mac(n), ...model, location: "front-desk", extension: String(2000 + n) })),
      ...[5, 6, 7].map((n) => ({ mac: mac(n), ...model, location: "open-plan", hot_desk: true })),
      { mac: mac(8), ...model, location: "workshop" },
    ],
  });
  await api(page, "POST", `/desks/${encodeURIComponent(mac(5))}/login`, { extension: "2005" });
  await api(page, "POST", "/desks/logout", { what: "2005" });
  await api(page, "POST", `/desks/${encodeURIComponent(mac(6))}/login`, { extension: "2006" });
  await api(page, "POST", "/conversions", { macs: [mac(3), mac(4)], at_once: 1 });
  await api(page, "POST", "/blocks", { source: "198.51.100.7", service: "sip", for: "1h", reason: "Sweeps MAC addresses; told by the provider." });
  await api(page, "POST", "/tokens", { label: "crowdsec", role: "viewer", expires: "30d" });
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
