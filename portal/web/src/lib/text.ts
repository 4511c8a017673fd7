// Small words.

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

// Every word must be found somewhere; MACs also without their colons.
export function matches(needle: string, texts: string[]): boolean {
  const words = needle.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return true;
  const hay = texts.join("\n").toLowerCase();
  const bare = hay.replace(/([0-9a-f]{2})[:.-](?=[0-9a-f]{2})/g, "$1");
  return words.every((word) => hay.includes(word) || bare.includes(word.replace(/[:.-]/g, "")));
}

// "2001 (Ada Sample), additional phone 1" begins with the extension.
export function extensionOf(assignedTo: string): string {
  return /^\d+/.exec(assignedTo)?.[0] ?? "";
}

export function compare(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true, sensitivity: "base" });
}

export interface RuleMistake {
  line: number; // from 1; 0: the whole
  text: string;
}

// "rules.toml:12:3: limit.failures: ..." as line 12 and the rest.
export function mistakesInRules(report: string): RuleMistake[] {
  return report
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const found = /^(?:.*?:)?(\d+):(?:\d+:)?\s*(.+)$/.exec(line);
      if (found) return { line: Number(found[1]), text: found[2]! };
      const worded = /\bline (\d+)\b[^:]*:?\s*(.*)$/.exec(line);
      return worded ? { line: Number(worded[1]), text: worded[2] || line } : { line: 0, text: line };
    });
}
