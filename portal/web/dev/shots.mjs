// Screenshots of every page, light and dark, narrow and wide, for looking at.
//   node dev/shots.mjs URL FOLDER [only-this-page]

import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";

const [base, folder, only] = process.argv.slice(2);
const PAGES = {
  "hot-desking": "/setup/phones/hot-desking", "desk-phones": "/setup/phones/desk-phones", "quick-create": "/setup/phones/quick-create?hot-desk",
  overview: "/", manage: "/setup/manage", "manage-phones": "/setup/manage/2001", locations: "/locations", conversions: "/conversions", conversion: "/conversions/2",
  blocks: "/security/blocks", leases: "/security/leases", bindings: "/security/bindings", events: "/security/events", rules: "/security/rules",
  why: "/security/why?about=198.51.100.7", phone: "/phones/00:0F:D3:00:00:00", "hot-phone": "/phones/00:15:65:00:00:02", audit: "/audit", administrators: "/administrators", system: "/system",
};
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
for (const [width, height] of [[1440, 900], [360, 740]]) {
  for (const scheme of ["light", "dark"]) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, ignoreHTTPSErrors: true });
    const page = await context.newPage();
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && console.log(scheme, width, message.text()));
    page.on("pageerror", (error) => console.log("page error:", error.message));
    await page.goto(base);
    await page.waitForSelector("form");
    if (!only || only === "sign-in") await page.screenshot({ path: `${folder}/sign-in-${width}-${scheme}.png` });
    await page.fill("input[name=name]", "ada");
    await page.fill("input[name=password]", "storm");
    await page.click("button[type=submit]");
    await page.waitForSelector("#page h1");
    for (const [name, path] of Object.entries(PAGES)) {
      if (only && !only.split(",").includes(name)) continue;
      await page.goto(base + path).catch(() => page.goto(base + path));
      await page.waitForSelector("#page h1");
      await page.waitForTimeout(900);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) console.log(`${name} ${width}: ${wide} px too wide`);
      await page.screenshot({ path: `${folder}/${name}-${width}-${scheme}.png`, fullPage: name !== "manage-phones" });
    }
    await context.close();
  }
}
await browser.close();
