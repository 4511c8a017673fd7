// Files that people choose, as text.

// UTF-8; else what spreadsheets write that know no better: UTF-16 with its mark, or Windows-1252.
export function decoded(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

export async function textOf(file: File): Promise<string> {
  return decoded(new Uint8Array(await file.arrayBuffer()));
}
