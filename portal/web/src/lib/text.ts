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
