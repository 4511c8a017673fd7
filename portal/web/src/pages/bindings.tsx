import { useMemo, useState } from "preact/hooks";
import { useList } from "../api/lists";
import type { BindingRow } from "../api/types";
import { matches } from "../lib/text";
import { Badge, Empty, Loading, Mac, Problem, When } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { Filter, Tools } from "../ui/tools";

const last = (row: BindingRow) => row.holders.map((holder) => holder.last).sort().at(-1) ?? "";

export function Bindings() {
  const bindings = useList<BindingRow>("/bindings");
  const [search, setSearch] = useState("");
  const [only, setOnly] = useState("");
  const shown = useMemo(
    () =>
      bindings.rows.filter(
        (row) =>
          (only === "" || (only === "conflict" ? row.conflict : !row.fit)) &&
          matches(search, [row.address, ...row.holders.flatMap((holder) => [holder.mac, holder.interface, holder.vendor_class])]),
      ),
    [bindings.rows, search, only],
  );
  const columns: Column<BindingRow>[] = [
    { title: "Address", cell: (row) => <span class="mono">{row.address}</span>, sort: (row) => row.address, width: "minmax(10rem, 1fr)", card: "title" },
    {
      title: "State", width: "10rem", card: "badge", sort: (row) => (row.conflict ? 0 : row.fit ? 2 : 1),
      cell: (row) => row.conflict ? <Badge tone="bad">In conflict</Badge> : row.fit ? <Badge tone="good">Proves the phone</Badge> : <Badge tone="quiet">A hint only</Badge>,
    },
    { title: "Held by", cell: (row) => <span class="holders">{row.holders.map((holder) => <Mac key={holder.mac} mac={holder.mac} />)}</span>, width: "minmax(12rem, 1.4fr)" },
    { title: "Learned by", cell: (row) => [...new Set(row.holders.map((holder) => holder.learned_by))].join(", "), width: "minmax(7.3rem, 0.8fr)" },
    { title: "At", cell: (row) => { const one = row.holders[0]; return one ? `${one.interface}${one.vlan ? `, VLAN ${one.vlan}` : ""}` : ""; }, width: "minmax(6.7rem, 0.8fr)", card: "hide" },
    { title: "Seen", cell: (row) => <When time={last(row)} />, sort: last, width: "7.3rem", card: "hide" },
  ];
  return (
    <>
      {bindings.error && <Problem text={bindings.error} again={bindings.reload} />}
      {bindings.loading && bindings.rows.length === 0 ? <Loading what="Reading the bindings" /> : (
        <>
          {bindings.rows.length > 0 && (
            <Tools search={search} onSearch={setSearch} what="Search by address or MAC" shown={shown.length} total={bindings.total} noun={["binding", "bindings"]} loading={bindings.loading}>
              <Filter label="Displaying" value={only} onInput={setOnly}>
                <option value="">All</option>
                <option value="conflict">In conflict</option>
                <option value="hint">Hints only</option>
              </Filter>
            </Tools>
          )}
          {bindings.rows.some((row) => row.conflict) && <p class="note">Two devices claim one address where it says <em>In conflict</em>. Until that is over, no secret leaves to it.</p>}
          <Table
            caption="Bindings" columns={columns} rows={shown} id={(row) => row.address} noun={["binding", "bindings"]}
            empty={
              bindings.rows.length === 0 && !bindings.error
                ? <Empty title="No binding yet">stormdoor-watch learns them from ARP, neighbour discovery and DHCP on the interfaces in [watch]; System says whether it runs.</Empty>
                : bindings.rows.length > 0 ? <Empty title="None like that">No binding fits the search and filters.</Empty> : null
            }
          />
        </>
      )}
    </>
  );
}
