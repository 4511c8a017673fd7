// A stand-in for the daemon while working on the pages: serves dist/ with the daemon's headers and answers
// the API with sample rows that it forgets when it ends. Not part of the product.
//   node dev/server.mjs [--port 5180] [--phones 40] [--empty] [--still]      any name, password "storm"

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { office } from "./office.mjs";

const arg = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const port = Number(arg("port", "5180"));
const dist = join(fileURLToPath(new URL(".", import.meta.url)), "..", "dist");
const the = office({ phones: Number(arg("phones", "40")), empty: process.argv.includes("--empty"), still: process.argv.includes("--still") });

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2" };
const sessions = new Map();
const followers = new Set();

the.onEvent = (event) => {
  for (const one of followers) one.write(`id: ${event.number}\ndata: ${JSON.stringify(event)}\n\n`);
};

function problem(response, status, detail, errors = []) {
  response.writeHead(status, { "Content-Type": "application/problem+json" });
  response.end(JSON.stringify({ type: "about:blank", title: "Refused", status, detail, errors }));
}

function json(response, value, status = 200, headers = {}) {
  if (value === undefined) return response.writeHead(204).end();
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

async function body(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  if ((request.headers["content-type"] ?? "").includes("json")) return text === "" ? {} : JSON.parse(text);
  return text;
}

async function api(request, response, url) {
  const path = decodeURI(url.pathname.slice("/api/v1".length));
  const id = /sid=(\w+)/.exec(request.headers.cookie ?? "")?.[1];
  const session = sessions.get(id);
  if (path === "/session" && request.method === "POST") {
    const { name, password } = await body(request);
    if (password !== "storm") return problem(response, 401, "This name and this password do not belong together.");
    const role = ["administrator", "helpdesk", "viewer"].includes(name) ? name : "administrator";
    const made = { name, role, csrf: "token-of-the-form", expires: new Date(Date.now() + 3.6e6).toISOString() };
    const key = Math.random().toString(36).slice(2);
    sessions.set(key, made);
    return json(response, made, 200, { "Set-Cookie": `sid=${key}; HttpOnly; SameSite=Strict; Path=/` });
  }
  if (!session) return problem(response, 401, "sign in first");
  if (path === "/session") {
    if (request.method === "DELETE") sessions.delete(id);
    return json(response, request.method === "DELETE" ? undefined : session);
  }
  if (request.method !== "GET" && request.headers["x-csrf-token"] !== session.csrf) return problem(response, 403, "the form is stale; load the page again");
  if (path === "/events/stream") {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write(": hello\n\n");
    followers.add(response);
    request.on("close", () => followers.delete(response));
    return;
  }
  try {
    const answer = the.answer(request.method, path, url.searchParams, request.method === "GET" ? {} : await body(request), session, request.headers);
    json(response, answer.data, answer.status ?? 200, answer.etag ? { ETag: answer.etag } : {});
  } catch (error) {
    problem(response, error.status ?? 500, error.message, error.errors ?? []);
  }
}

createServer(async (request, response) => {
  const url = new URL(request.url, "http://localhost");
  response.setHeader("Content-Security-Policy", CSP);
  response.setHeader("X-Content-Type-Options", "nosniff");
  if (url.pathname.startsWith("/api/")) return api(request, response, url).catch((error) => problem(response, 500, String(error)));
  const file = extname(url.pathname) ? normalize(url.pathname) : "/index.html";
  try {
    const bytes = await readFile(join(dist, file));
    response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
    response.end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}).listen(port, "127.0.0.1", function () {
  console.log(`http://127.0.0.1:${this.address().port}/`);
});
