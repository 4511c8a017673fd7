// Security: who is refused and why, who is excused, who is where, what happened, and the rules.

import { PageFrame } from "../ui/parts";
import { Bindings } from "./bindings";
import { Blocks } from "./blocks";
import { Events } from "./events";
import { Leases } from "./leases";
import { Misplaced } from "./misplaced";
import { Nowhere } from "./nowhere";
import { RulesEditor } from "./rules";
import { Why } from "./why";

const PARTS = [
  { part: "blocks", label: "Blocks", lead: "Who is refused, and why.", Content: Blocks },
  { part: "leases", label: "Leases", lead: "Phones whose old password is excused until they are back from a change.", Content: Leases },
  { part: "bindings", label: "Bindings", lead: "Which phone was seen behind which address.", Content: Bindings },
  { part: "out-of-place", label: "Out of place", lead: "Phones that ask from networks that are not their location's: an emergency call would send help to the wrong place.", Content: Misplaced },
  { part: "events", label: "Events", lead: "What happened, as it happens.", Content: Events },
  { part: "rules", label: "Access rules", lead: "Try other rules on what really happened before you use them.", Content: RulesEditor },
  { part: "why", label: "Why?", lead: "The story of an address, a phone or an extension.", Content: Why },
];

export function Security({ part }: { part: string }) {
  const here = PARTS.find((one) => one.part === part);
  if (!here) return <Nowhere />;
  const { Content } = here;
  return (
    <PageFrame
      trail={["Security"]}
      title={here.label}
      lead={here.lead}
      tabs={PARTS.map((one) => ({ label: one.label, to: `/security/${one.part}`, current: one === here }))}
    >
      <Content />
    </PageFrame>
  );
}
