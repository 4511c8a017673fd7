// MAC addresses: every common spelling is taken, one is shown.

const SPELLINGS = [
  /^([0-9a-f]{2})(?::([0-9a-f]{2})){5}$/i,
  /^([0-9a-f]{2})(?:-([0-9a-f]{2})){5}$/i,
  /^([0-9a-f]{4})\.([0-9a-f]{4})\.([0-9a-f]{4})$/i,
  /^[0-9a-f]{12}$/i,
];

// "00:0F:D3:05:48:48", or nothing when it is no MAC.
export function canonicalMac(text: string): string | undefined {
  const trimmed = text.trim();
  if (!SPELLINGS.some((spelling) => spelling.test(trimmed))) return undefined;
  const digits = trimmed.replace(/[^0-9a-f]/gi, "").toUpperCase();
  return digits.match(/../g)!.join(":");
}

export function macMistake(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "A phone needs its MAC address; it is on the label at its back.";
  if (canonicalMac(trimmed)) return "";
  const digits = trimmed.replace(/[^0-9a-z]/gi, "");
  if (/[g-z]/i.test(digits)) return `“${trimmed}” has a letter that no MAC address has; it is made of 0 to 9 and A to F.`;
  if (digits.length !== 12) return `“${trimmed}” has ${digits.length} of the 12 digits of a MAC address.`;
  return `“${trimmed}” is no MAC address; write it like 00:0F:D3:05:48:48.`;
}

// "000fd3054848", for search: people type MACs without colons, too.
export function bareMac(mac: string): string {
  return mac.replace(/[^0-9a-f]/gi, "").toLowerCase();
}
