// Refusals (RFC 9457) as one sentence and what is wrong with which field.

export interface FieldProblem {
  field: string;
  row?: number; // of a request about many, from 0
  detail: string;
}

export class ApiError extends Error {
  readonly status: number; // 0: no answer came
  readonly fields: FieldProblem[];

  constructor(status: number, sentence: string, fields: FieldProblem[] = []) {
    super(sentence);
    this.name = "ApiError";
    this.status = status;
    this.fields = fields;
  }
}

const WITHOUT_WORDS: Record<number, string> = {
  0: "stormdoor does not answer.",
  400: "stormdoor could not read that request.",
  401: "You are signed out.",
  403: "Your role may not do that.",
  404: "That is not there any more.",
  409: "That contradicts what is there now.",
  413: "That is more than can be sent at once.",
  429: "Too many requests; wait a moment.",
  503: "stormdoor is busy or starting; try again in a moment.",
};

export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  const first = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?:]$/.test(first) ? first : `${first}.`;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

// "/phones/2/location" (RFC 6901) as row 2, field "location".
export function fieldOfPointer(pointer: string): { field: string; row?: number } {
  const parts = pointer.split("/").filter((part) => part !== "");
  const at = parts.findIndex((part) => /^\d+$/.test(part));
  const field = parts.filter((part) => !/^\d+$/.test(part)).at(-1) ?? "";
  if (at < 0) return { field };
  return { field: at === parts.length - 1 ? "" : field, row: Number(parts[at]) };
}

function fieldProblems(value: unknown): FieldProblem[] {
  if (!Array.isArray(value)) return [];
  return value.map(record).map((one) => {
    const detail = sentence(String(one.detail ?? one.title ?? ""));
    if (typeof one.field === "string") {
      const row = typeof one.row === "number" ? one.row - 1 : undefined;
      return { field: one.field, ...(row === undefined ? {} : { row }), detail };
    }
    return { ...fieldOfPointer(String(one.pointer ?? "")), detail };
  });
}

// What to do about it in a form, where the API can only say what is.
const OUTRUN = "Somebody else changed this while you were editing; nothing was saved. Close it, look again, and repeat your change.";

// `body`: the answer's text, whatever it is.
export function errorOf(status: number, body: string): ApiError {
  let document: Record<string, unknown> = {};
  try {
    document = record(JSON.parse(body));
  } catch {
    // Not ours (a proxy's page, say): the status alone has to do.
  }
  const fields = fieldProblems(document.errors);
  const said = typeof document.detail === "string" ? document.detail : "";
  const words =
    (status === 412 ? OUTRUN : sentence(said)) ||
    (fields.length > 0 ? fields[0]!.detail : "") ||
    WITHOUT_WORDS[status] ||
    `stormdoor answered with status ${status}.`;
  return new ApiError(status, words, fields);
}

export function wordsOf(error: unknown): string {
  if (error instanceof Error) return sentence(error.message);
  return sentence(String(error));
}

export function problemOf(error: unknown, field: string, row?: number): string {
  if (!(error instanceof ApiError)) return "";
  return error.fields.find((one) => one.field === field && one.row === row)?.detail ?? "";
}
