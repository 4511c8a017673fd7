// A CSV file into users, phones or locations: whole or not at all.

import { useState } from "preact/hooks";
import { call } from "../api/client";
import { changed } from "../api/lists";
import { ApiError } from "../api/problem";
import type { Done } from "../api/types";
import { parseCells } from "../lib/csv";
import { textOf } from "../lib/file";
import { count } from "../lib/text";
import { FormDialog } from "../ui/dialog";
import { say } from "../ui/toast";

interface ImportProps {
  kind: "users" | "phones" | "locations";
  heading: string;
  onClose: () => void;
}

export function ImportDialog({ kind, heading, onClose }: ImportProps) {
  const [csv, setCsv] = useState("");
  const [mistakes, setMistakes] = useState<string[]>([]);
  const rows = Math.max(0, parseCells(csv).length - 1);
  return (
    <FormDialog
      title={`Import ${kind}`}
      submit={rows > 0 ? `Import ${count(rows, "row")}` : "Import"}
      disabled={rows === 0}
      onClose={onClose}
      wide
      onSubmit={async () => {
        setMistakes([]);
        try {
          const { data } = await call<Done>("POST", `/imports/${kind}`, { csv, idempotent: true });
          changed("/users", "/phones", "/locations", "/desks");
          say(data.message ?? `${count(rows, "row")} imported.`);
          onClose();
        } catch (error) {
          const lines = error instanceof ApiError ? error.fields.map((one) => `${one.row === undefined ? "" : `Row ${one.row + 1}: `}${one.detail}`) : [];
          setMistakes(lines.length > 0 ? lines : error instanceof Error ? error.message.split("\n").slice(1).map((line) => line.trim()) : []);
          throw error instanceof Error ? new Error(error.message.split("\n")[0]) : error;
        }
      }}
    >
      <label>
        CSV file
        <input
          type="file"
          accept=".csv,text/csv,text/plain"
          data-autofocus=""
          onChange={async (event) => {
            const file = event.currentTarget.files?.[0];
            setMistakes([]);
            setCsv(file ? await textOf(file) : "");
          }}
        />
      </label>
      <p class="small">Its first line names the columns: <code>{heading}</code>. All rows are taken, or none.</p>
      {rows > 0 && <p role="status">{count(rows, "row")} in the file.</p>}
      {mistakes.length > 0 && <ul class="mistakes">{mistakes.slice(0, 100).map((text) => <li key={text}>{text}</li>)}</ul>}
    </FormDialog>
  );
}
