import { Link } from "wouter-preact";
import { PageFrame } from "../ui/parts";

export function Nowhere() {
  return (
    <PageFrame trail={[]} title="No such page">
      <p>The address leads nowhere. <Link href="/">Go to the overview</Link>.</p>
    </PageFrame>
  );
}
