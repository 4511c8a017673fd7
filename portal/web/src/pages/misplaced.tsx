import { at, may, post } from "../api/client";
import { changed, useLabels, useList } from "../api/lists";
import type { Done, MisplacedRow } from "../api/types";
import { ask } from "../ui/dialog";
import { Empty, Loading, Mac, Problem, When } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { say } from "../ui/toast";

export function Misplaced() {
  const list = useList<MisplacedRow>("/misplaced");
  const label = useLabels();
  const columns: Column<MisplacedRow>[] = [
    { title: "Phone", cell: (row) => <Mac mac={row.phone} />, sort: (row) => row.phone, width: "180px", card: "title" },
    { title: "Its location", cell: (row) => label(row.location), sort: (row) => label(row.location), width: "minmax(120px, 1fr)" },
    { title: "Asks from", cell: (row) => <span class="mono">{row.address}</span>, sort: (row) => row.address, width: "minmax(140px, 1fr)" },
    { title: "Since", cell: (row) => <When time={row.since} />, sort: (row) => row.since, width: "120px" },
  ];
  const askKnown = (row: MisplacedRow) =>
    ask({
      title: `Is ${row.phone} meant to be there?`,
      action: "I know",
      body: <p>It is no longer reported. Its emergency number stays that of {label(row.location)}; if the phone has moved for good, change its location instead.</p>,
      run: async () => {
        const done = await post<Done>(at("misplaced", row.phone, "acknowledge"));
        changed("/misplaced");
        say(done.message ?? "It is known.");
      },
    });
  if (list.error) return <Problem text={list.error} again={list.reload} />;
  if (list.loading) return <Loading what="Reading" />;
  return (
    <Table
      caption="Phones out of place" columns={columns} rows={list.rows} id={(row) => row.phone} noun={["phone", "phones"]}
      {...(may("administrator") ? { actionsWidth: "90px", actions: (row: MisplacedRow) => <button type="button" class="small secondary" aria-label={`I know that ${row.phone} is there`} onClick={() => askKnown(row)}>I know</button> } : {})}
      empty={<Empty title="Every phone is in its place">A phone that asks from an address outside its location's networks appears here. Locations say which networks are theirs.</Empty>}
    />
  );
}
