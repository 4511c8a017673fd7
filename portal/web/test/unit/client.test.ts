import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  all, at, call, connected, expired, get, leave, may, post, remove, returns, session, signedOutBecause, signIn, stay, url,
} from "../../src/api/client";
import { ApiError } from "../../src/api/problem";
import type { Session } from "../../src/api/types";

type Request = { url: string; init: RequestInit };
let requests: Request[];
let answers: (() => Response | Promise<Response>)[];

const json = (value: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(value), { status, headers: { "Content-Type": status < 400 ? "application/json" : "application/problem+json", ...headers } });
const someone: Session = { name: "ada", role: "helpdesk", csrf: "form-token", expires: "" };

beforeEach(() => {
  vi.useFakeTimers();
  requests = [];
  answers = [];
  session.value = someone;
  expired.value = false;
  connected.value = true;
  returns.value = 0;
  vi.stubGlobal("fetch", async (target: string, init: RequestInit) => {
    requests.push({ url: target, init });
    const answer = answers.shift();
    if (!answer) throw new TypeError("refused");
    return answer();
  });
});

afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const header = (name: string) => (requests.at(-1)!.init.headers as Record<string, string>)[name];

test("paths and queries are encoded, whatever names hold", () => {
  expect(at("locations", "a/b ?")).toBe("/locations/a%2Fb%20%3F");
  expect(url("/desks", { search: "a&b", location: "", all: false, limit: 10 })).toBe("/api/v1/desks?search=a%26b&limit=10");
});

test("changes carry the form's token, reading does not", async () => {
  answers = [() => json({}), () => json({})];
  await get("/phones");
  expect(header("X-CSRF-Token")).toBeUndefined();
  await post("/phones", {});
  expect(header("X-CSRF-Token")).toBe("form-token");
});

test("calls about many carry a key, a different one each", async () => {
  answers = [() => json({}), () => json({})];
  await post("/phones", {}, { idempotent: true });
  const first = header("Idempotency-Key");
  await post("/phones", {}, { idempotent: true });
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(header("Idempotency-Key")).not.toBe(first);
});

test("a call that got no answer is repeated with the same key, until there is one", async () => {
  const keys: (string | undefined)[] = [];
  const tryIt = async (body: unknown) => {
    await post("/phones", body, { idempotent: true }).catch(() => undefined);
    keys.push(header("Idempotency-Key"));
  };
  await tryIt({ mac: "a" }); // no answer
  answers = [() => json({}, 504)];
  await tryIt({ mac: "a" }); // a proxy's
  answers = [() => json({}, 409)];
  await tryIt({ mac: "a" }); // being done
  answers = [() => json({})];
  await tryIt({ mac: "b" });
  answers = [() => json({}), () => json({})];
  await tryIt({ mac: "a" });
  await tryIt({ mac: "a" });
  answers = [() => json(someone)];
  await vi.advanceTimersByTimeAsync(500);
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect([keys[1], keys[2], keys[4]]).toEqual([keys[0], keys[0], keys[0]]);
  expect(new Set(keys).size).toBe(3);
});

test("what the API cannot do just now is an answer; a proxy's word that nobody is there is none", async () => {
  answers = [() => json({ detail: "the disk is full" }, 503)];
  await expect(get("/phones")).rejects.toMatchObject({ status: 503, message: "The disk is full." });
  expect(connected.value).toBe(true);
  answers = [() => new Response("<h1>Bad gateway</h1>", { status: 503, headers: { "Content-Type": "text/html" } })];
  await expect(get("/phones")).rejects.toMatchObject({ status: 503 });
  expect(connected.value).toBe(false);
  answers = [() => json(someone)];
  await vi.advanceTimersByTimeAsync(500);
  expect(connected.value).toBe(true);
});

test("an edit says what it was based on, and learns when somebody was faster", async () => {
  answers = [() => json({ name: "hq" }, 200, { ETag: '"7"' }), () => json({ detail: "somebody else changed it" }, 412)];
  const { etag } = await call("GET", "/locations/hq");
  const edit = call("PATCH", "/locations/hq", { body: {}, ifMatch: etag });
  await expect(edit).rejects.toMatchObject({ status: 412 });
  expect(header("If-Match")).toBe('"7"');
});

test("a session that ended keeps its pages, asks nothing more, and goes on when its owner is back", async () => {
  answers = [() => json({ detail: "sign in first" }, 401)];
  await expect(get("/phones")).rejects.toBeInstanceOf(ApiError);
  expect(session.value).toEqual(someone);
  expect(expired.value).toBe(true);
  expect(signedOutBecause.value).toContain("ended");
  await expect(get("/phones")).rejects.toMatchObject({ status: 401 });
  await stay();
  expect(requests.length).toBe(1);
  answers = [() => json({ ...someone, csrf: "another" }), () => json({})];
  await signIn("ada", "four words in a storm");
  expect(expired.value).toBe(false);
  expect(returns.value).toBe(1);
  await post("/phones", {});
  expect(header("X-CSRF-Token")).toBe("another");
});

test("who signed in again in another tab goes on here", async () => {
  answers = [() => json({ detail: "older" }, 403), () => json({ ...someone, csrf: "another" }), () => json({ message: "Done." })];
  await expect(post("/phones", {})).resolves.toEqual({ message: "Done." });
  expect(header("X-CSRF-Token")).toBe("another");
  answers = [() => json({ detail: "only an administrator may do that" }, 403), () => json({ ...someone, csrf: "another" })];
  await expect(post("/phones", {})).rejects.toMatchObject({ status: 403 });
  answers = [() => json({ detail: "older" }, 403), () => json({ ...someone, name: "eve", csrf: "of eve" })];
  await expect(post("/phones", {})).rejects.toMatchObject({ status: 403 });
  expect(session.value?.name).toBe("eve");
});

test("who signs out leaves nothing, not even pages", async () => {
  answers = [() => new Response(null, { status: 204 })];
  await leave();
  expect(session.value).toBeNull();
  expect(expired.value).toBe(false);
});

test("nothing to say is an empty answer", async () => {
  answers = [() => new Response(null, { status: 204 })];
  await expect(remove("/tokens/1")).resolves.toEqual({});
});

test("while the daemon is away it is asked until it answers, then everything is read again", async () => {
  await expect(post("/phones", {})).rejects.toMatchObject({ status: 0, message: expect.stringContaining("not known whether") });
  expect(connected.value).toBe(false);
  answers = [() => { throw new TypeError("still away"); }, () => json(someone)];
  await vi.advanceTimersByTimeAsync(500);
  expect(connected.value).toBe(false);
  await vi.advanceTimersByTimeAsync(1000);
  expect(connected.value).toBe(true);
  expect(returns.value).toBe(1);
  expect(session.value).toEqual(someone);
});

test("a list is read page by page and shown while it comes", async () => {
  answers = [() => json({ items: [1, 2], total: 3, next: "b" }), () => json({ items: [3], total: 3, next: null })];
  const seen: [number, number][] = [];
  await all<number>("/phones", {}, (rows, total) => seen.push([rows.length, total]), new AbortController().signal);
  expect(seen).toEqual([[2, 3], [3, 3]]);
  expect(requests[1]!.url).toBe("/api/v1/phones?limit=1000&after=b");
});

test("roles include those below them", () => {
  expect(may("helpdesk")).toBe(true);
  expect(may("administrator")).toBe(false);
  session.value = null;
  expect(may("helpdesk")).toBe(false);
});
