// The one place that talks to /api/v1.

import { batch, effect, signal } from "@preact/signals";
import { ApiError, errorOf } from "./problem";
import type { Page, Session } from "./types";

export const BASE = "/api/v1";

// undefined: not asked yet; null: signed out.
export const session = signal<Session | null | undefined>(undefined);
// The session is over, but its pages stay behind the sign-in form: what was typed in them is not lost.
export const expired = signal(false);
// Why the sign-in form is shown, when there is something to say.
export const signedOutBecause = signal("");
// False from a request that got no answer until one does.
export const connected = signal(true);
// Counts how often the daemon came back; lists read again when it changes.
export const returns = signal(0);

export interface Options {
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  csv?: string; // instead of body
  accept?: string;
  file?: boolean; // the answer is bytes: a Blob
  ifMatch?: string;
  idempotent?: boolean; // sends a key, so that trying again does it once
  signal?: AbortSignal;
}

export interface Answer<T> {
  data: T;
  etag: string;
}

export function url(path: string, query: Options["query"] = {}): string {
  const parts = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== "" && value !== false)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return `${BASE}${path}${parts.length > 0 ? `?${parts.join("&")}` : ""}`;
}

// A path from its segments, each encoded: names may hold anything.
export function at(...segments: (string | number)[]): string {
  return "/" + segments.map((segment) => encodeURIComponent(String(segment))).join("/");
}

function request(method: string, options: Options): RequestInit {
  const headers: Record<string, string> = { Accept: options.accept ?? "application/json" };
  const init: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
  if (options.csv !== undefined) {
    headers["Content-Type"] = "text/csv";
    init.body = options.csv;
  } else if (options.body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(options.body);
  }
  if (method !== "GET" && session.value) headers["X-CSRF-Token"] = session.value.csrf;
  if (options.ifMatch) headers["If-Match"] = options.ifMatch;
  if (options.signal) init.signal = options.signal;
  return init;
}

// The keys of calls that got no answer, by what was asked: who tries the same again sends the same key,
// and it is done once.
const unanswered = new Map<string, string>();

function keyOf(what: string): string {
  const key = unanswered.get(what) ?? newKey();
  unanswered.set(what, key);
  return key;
}

export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A proxy's word that nobody is there, or of a daemon that is not ready. What the API itself cannot do
// just now it says as a problem (RFC 9457), and that is an answer.
function isAway(answer: Response): boolean {
  if (answer.status === 502 || answer.status === 504) return true;
  return answer.status === 503 && !(answer.headers.get("Content-Type") ?? "").includes("problem+json");
}

let probing: ReturnType<typeof setTimeout> | undefined;

function probe(wait: number): void {
  probing = setTimeout(async () => {
    try {
      const answer = await fetch(url("/session"), { credentials: "same-origin", cache: "no-store" });
      if (isAway(answer)) throw new Error();
      probing = undefined;
      connected.value = true;
      returns.value += 1;
      if (answer.status === 401) endSession("stormdoor was restarted. Sign in again.");
      else if (answer.ok) session.value = (await answer.json()) as Session;
    } catch {
      probe(Math.min(wait * 1.5, 5000));
    }
  }, wait);
}

// Says so at the top of the page, and asks until there is an answer.
function lost(): void {
  connected.value = false;
  if (probing === undefined) probe(500);
}

// Called when the stream of events broke: is the daemon still there?
export async function look(): Promise<void> {
  if (!connected.value || expired.value) return;
  try {
    const answer = await fetch(url("/session"), { credentials: "same-origin", cache: "no-store" });
    if (isAway(answer)) lost();
    else if (answer.status === 401) endSession(ENDED);
  } catch {
    lost();
  }
}

const ENDED = "Your session has ended. Sign in again, and go on where you were.";

function endSession(because: string): void {
  if (!session.value) {
    session.value = null;
  } else if (!expired.value) {
    signedOutBecause.value = because;
    expired.value = true;
  }
}

// Whether the same person has signed in again in another tab, so that what was sent is of the session
// before.
async function hasOtherToken(sent: RequestInit): Promise<boolean> {
  const name = session.value?.name;
  await stay().catch(() => undefined);
  const token = (sent.headers as Record<string, string>)["X-CSRF-Token"];
  return session.value?.name === name && session.value?.csrf !== token;
}

const NOT_KNOWN = "stormdoor did not answer, so it is not known whether that was done. ";
const LOOK = "Look again when it is back.";
const AGAIN = "When it is back, try again: it is done only once.";

export async function call<T>(method: string, path: string, options: Options = {}): Promise<Answer<T>> {
  if (expired.value && path !== "/session") throw new ApiError(401, "Sign in again first.");
  const init = request(method, options);
  const what = `${method} ${path} ${String(init.body ?? "")}`;
  if (options.idempotent) init.headers = { ...init.headers, "Idempotency-Key": keyOf(what) };
  let answer: Response;
  let text = "";
  try {
    answer = await fetch(url(path, options.query), init);
    if (answer.ok && options.file) return { data: (await answer.blob()) as T, etag: "" };
    text = await answer.text();
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    lost();
    throw new ApiError(0, method === "GET" ? "stormdoor does not answer just now." : NOT_KNOWN + (options.idempotent ? AGAIN : LOOK));
  }
  if (isAway(answer)) lost();
  else if (answer.status !== 409) unanswered.delete(what); // 409: perhaps the first is still being done
  if (answer.status === 401 && path !== "/session") endSession(ENDED);
  if (answer.status === 403 && method !== "GET" && (await hasOtherToken(init))) return call(method, path, options);
  if (!answer.ok) throw errorOf(answer.status, text);
  const etag = answer.headers.get("ETag") ?? "";
  if (text === "") return { data: {} as T, etag };
  if (!(answer.headers.get("Content-Type") ?? "").includes("json")) return { data: text as T, etag };
  return { data: JSON.parse(text) as T, etag };
}

export async function get<T>(path: string, query?: Options["query"], signal?: AbortSignal): Promise<T> {
  const options: Options = {};
  if (query) options.query = query;
  if (signal) options.signal = signal;
  return (await call<T>("GET", path, options)).data;
}

export async function post<T>(path: string, body: unknown = {}, options: Options = {}): Promise<T> {
  return (await call<T>("POST", path, { ...options, body })).data;
}

export async function put<T>(path: string, body: unknown): Promise<T> {
  return (await call<T>("PUT", path, { body })).data;
}

export async function patch<T>(path: string, body: unknown, ifMatch = ""): Promise<T> {
  return (await call<T>("PATCH", path, { body, ifMatch })).data;
}

export async function remove<T>(path: string, options: Options = {}): Promise<T> {
  return (await call<T>("DELETE", path, options)).data;
}

export function rowsOf<Row>(data: Page<Row> | Row[]): Row[] {
  return Array.isArray(data) ? data : (data.items ?? []);
}

const PAGE = 1000; // the most that the API gives at once

// Every row of a list, page by page; `seen` is told after each, so that the first can be shown while
// the rest comes.
export async function all<Row>(
  path: string,
  query: Options["query"],
  seen: (rows: Row[], total: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let rows: Row[] = [];
  let after: string | undefined;
  do {
    const page = await get<Page<Row> | Row[]>(path, { ...query, limit: PAGE, after }, signal);
    const items = rowsOf(page);
    rows = rows.length === 0 ? items : rows.concat(items);
    seen(rows, Array.isArray(page) ? rows.length : (page.total ?? rows.length));
    after = Array.isArray(page) || items.length === 0 ? undefined : (page.next ?? undefined);
  } while (after !== undefined);
}

export async function findSession(): Promise<void> {
  try {
    session.value = await get<Session>("/session");
  } catch (error) {
    if (error instanceof ApiError && error.status === 0) {
      setTimeout(findSession, 1000);
      return;
    }
    session.value = null;
  }
}

export async function signIn(name: string, password: string): Promise<void> {
  const mine = await post<Session>("/session", { name, password });
  batch(() => {
    session.value = mine;
    signedOutBecause.value = "";
    if (expired.value) returns.value += 1;
    expired.value = false;
  });
}

// Somebody is at the page: the session goes on, however long a form takes. (Another tab may have signed
// in meanwhile, as somebody else even: then this one is his, too.)
export async function stay(): Promise<void> {
  if (expired.value || !session.value) return;
  const mine = await get<Session>("/session");
  if (session.value) session.value = mine;
}

export async function leave(): Promise<void> {
  try {
    await remove("/session");
  } finally {
    batch(() => {
      signedOutBecause.value = "";
      session.value = null;
      expired.value = false;
    });
    unanswered.clear();
  }
}

// What somebody has read or written here is not for who signs in after him.
export function whenOwnerChanges(forget: () => void): void {
  let owner: string | undefined;
  effect(() => {
    const name = session.value?.name;
    if (name !== owner) forget();
    owner = name;
  });
}

const RANK: Record<string, number> = { viewer: 0, helpdesk: 1, administrator: 2 };

export function may(role: "helpdesk" | "administrator"): boolean {
  return (RANK[session.value?.role ?? "viewer"] ?? 0) >= (RANK[role] ?? 2);
}
