// What people paste: a column of MACs, cells of a spreadsheet (tabs), or CSV (RFC 4180).

export function parseCells(text: string): string[][] {
  const separator = text.includes("\t") ? "\t" : text.includes(";") && !text.includes(",") ? ";" : ",";
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  const endRow = () => {
    row.push(cell.trim());
    if (row.some((one) => one !== "")) rows.push(row);
    row = [];
    cell = "";
  };
  for (let at = 0; at < text.length; ++at) {
    const c = text[at]!;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[at + 1] === '"') cell += text[++at];
      else quoted = false;
    } else if (c === '"' && cell.trim() === "") {
      cell = "";
      quoted = true;
    } else if (c === separator) {
      row.push(cell.trim());
      cell = "";
    } else if (c === "\n") {
      endRow();
    } else if (c !== "\r") {
      cell += c;
    }
  }
  endRow();
  return rows;
}

export function toCsv(rows: (string | number)[][]): string {
  const cell = (value: string | number) => {
    // A leading = + - @ would be run as a formula by a spreadsheet.
    const text = typeof value === "string" && /^[=+\-@\t]/.test(value) && !/^\+?\d+$/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(cell).join(",") + "\r\n").join("");
}
