import { useState } from "preact/hooks";
import { at, may, post, remove } from "../api/client";
import { changed, useList } from "../api/lists";
import { problemOf } from "../api/problem";
import type { Done, LeaseRow } from "../api/types";
import { macMistake } from "../lib/mac";
import { count } from "../lib/text";
import { until } from "../lib/time";
import { ask, FormDialog } from "../ui/dialog";
import { Field } from "../ui/field";
import { Badge, Empty, Loading, Mac, Problem } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { say } from "../ui/toast";

export function LeaseDialog({ mac: given = "", onClose }: { mac?: string; onClose: () => void }) {
  const [mac, setMac] = useState(given);
  const [duration, setDuration] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [wrong, setWrong] = useState("");
  return (
    <FormDialog
      title="Forgive a phone"
      submit="Forgive"
      onClose={onClose}
      onSubmit={async () => {
        setWrong(macMistake(mac));
        if (macMistake(mac)) return;
        try {
          const done = await post<Done>("/leases", { mac: mac.trim(), ...(duration ? { for: duration.trim() } : {}) });
          changed("/leases", "/blocks");
          say(done.message ?? `${mac} is excused.`);
          onClose();
        } catch (failure) {
          setError(failure);
          throw failure;
        }
      }}
    >
      <p>What this phone does with its own old account is not held against its address: up to a number of attempts, until a deadline. Guessing, other accounts and other phones count as ever. A block that only its own failures caused is lifted.</p>
      <Field label="MAC address" value={mac} onInput={setMac} autoFocus placeholder="00:0F:D3:05:48:48" mistake={wrong || problemOf(error, "mac")} />
      <Field label="For" value={duration} onInput={setDuration} placeholder="as configured" hint="Like 30m or 4h." mistake={problemOf(error, "for")} />
    </FormDialog>
  );
}

export function Leases() {
  const leases = useList<LeaseRow>("/leases");
  const [opening, setOpening] = useState(false);
  const columns: Column<LeaseRow>[] = [
    { title: "Phone", cell: (row) => <Mac mac={row.mac} />, sort: (row) => row.mac, width: "12rem", card: "title" },
    { title: "State", cell: (row) => <Badge tone={row.state === "in force" ? "info" : "warn"}>{row.state}</Badge>, sort: (row) => row.state, width: "10rem", card: "badge" },
    { title: "Why", cell: (row) => row.reason, width: "minmax(12rem, 2fr)" },
    { title: "Old accounts", cell: (row) => row.accounts.join(", "), width: "minmax(6.7rem, 1fr)" },
    { title: "Used", cell: (row) => `${row.spent} of ${row.budget}`, sort: (row) => row.spent, width: "6.7rem", end: true, card: "hide" },
    { title: "Old password", cell: (row) => (row.old_password_tries > 0 ? `tried ${count(row.old_password_tries, "time", "times")}` : ""), sort: (row) => row.old_password_tries, width: "9.3rem", end: true, card: "hide" },
    { title: "Until", cell: (row) => until(row.deadline), sort: (row) => row.deadline, width: "minmax(10.7rem, 1fr)", card: "hide" },
    { title: "Seen at", cell: (row) => <span class="mono">{row.addresses.join(" ")}</span>, width: "minmax(8rem, 1fr)", card: "hide" },
  ];
  const askClose = (row: LeaseRow) =>
    ask({
      title: `Stop excusing ${row.mac}?`,
      action: "Stop excusing",
      danger: true,
      body: <p>If the phone still uses its old password, that counts from now on, and its address can get blocked.</p>,
      run: async () => {
        await remove(at("leases", row.mac));
        changed("/leases");
        say(`${row.mac} is no longer excused.`);
      },
    });
  return (
    <>
      <div class="part-actions">{may("administrator") && <button type="button" class="secondary" onClick={() => setOpening(true)}>Forgive a phone</button>}</div>
      {leases.error && <Problem text={leases.error} again={leases.reload} />}
      {leases.loading ? <Loading what="Reading the leases" /> : (
        <Table
          caption="Leases" columns={columns} rows={leases.rows} id={(row) => row.mac} noun={["lease", "leases"]}
          {...(may("administrator") ? { actionsWidth: "6rem", actions: (row: LeaseRow) => <button type="button" class="small secondary" aria-label={`Close the lease of ${row.mac}`} onClick={() => askClose(row)}>Close</button> } : {})}
          empty={!leases.error && <Empty title="Nobody is excused">Converting a phone, or deleting its assignment, excuses its old password here until it is back. It happens by itself.</Empty>}
        />
      )}
      {opening && <LeaseDialog onClose={() => setOpening(false)} />}
    </>
  );
}
