// Blocks, real or imagined, and who was behind them.

import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { ReplayedBlock } from "../api/types";
import { exact, until, withLocalTimes } from "../lib/time";
import { Dialog } from "../ui/dialog";
import { Badge, Mac, type Tone } from "../ui/parts";
import { Table, type Column } from "../ui/table";

export interface BlockStory extends ReplayedBlock {
  change?: { word: string; tone: Tone };
}

const NOUN: [string, string] = ["block", "blocks"];

function Macs({ macs }: { macs: string[] }) {
  return macs.length === 0 ? <>none of ours</> : <span class="holders">{macs.map((mac) => <Mac key={mac} mac={mac} />)}</span>;
}

function Whole({ story, onClose }: { story: BlockStory; onClose: () => void }) {
  const facts: [string, ComponentChildren][] = [
    ["Service", story.service],
    ["Refused", `${exact(story.since)}, ${until(story.until)}`],
    ...(story.account ? [["Only the account", story.account] as [string, string]] : []),
    ["Phones behind it", <Macs macs={story.phones} />],
    ["Accounts", story.accounts.join(", ") || "none"],
    ["Failed", story.failures.toLocaleString("en")],
    ["Went well meanwhile", story.successes.toLocaleString("en")],
  ];
  return (
    <Dialog title={`The block of ${story.source}`} onClose={onClose} wide>
      <div class="dialog-body">
        <p class="verdict">{withLocalTimes(story.reason)}</p>
        <dl class="facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      </div>
      <footer><button type="button" data-autofocus="" onClick={onClose}>Close</button></footer>
    </Dialog>
  );
}

export function BlockStories({ caption, stories }: { caption: string; stories: BlockStory[] }) {
  const [opened, setOpened] = useState<BlockStory | null>(null);
  const changes = stories.some((one) => one.change);
  const columns: Column<BlockStory>[] = [
    { title: "Source", cell: (one) => <span class="mono">{one.source}</span>, width: "minmax(9.3rem, 1fr)", card: "title" },
    ...(changes ? [{ title: "Block", cell: (one: BlockStory) => one.change && <Badge tone={one.change.tone}>{one.change.word}</Badge>, width: "7.3rem", card: "badge" as const }] : []),
    { title: "Service", cell: (one) => one.service, width: "7.3rem", card: changes ? "hide" : "badge" },
    { title: "Phones", cell: (one) => <Macs macs={one.phones} />, width: "minmax(11.3rem, 1.2fr)" },
    { title: "Failed", cell: (one) => one.failures.toLocaleString("en"), sort: (one) => one.failures, width: "5.3rem", end: true, card: "hide" },
    { title: "Went well", cell: (one) => one.successes.toLocaleString("en"), sort: (one) => one.successes, width: "6.7rem", end: true, card: "hide" },
    { title: "Why", cell: (one) => <button type="button" class="text why" onClick={() => setOpened(one)}><span class="clamp">{withLocalTimes(one.reason)}</span></button>, width: "minmax(16rem, 2.4fr)", card: "wrap" },
  ];
  return (
    <>
      <Table
        caption={caption} columns={columns} rows={stories} noun={NOUN} open={setOpened} empty={null} height="24rem"
        id={(one) => `${one.change?.word ?? ""} ${one.source} ${one.service} ${one.since} ${one.account}`}
      />
      {opened && <Whole story={opened} onClose={() => setOpened(null)} />}
    </>
  );
}
