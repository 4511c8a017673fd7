// In place of a page: there is none, or it is not for whoever asks.

import type { ComponentChildren } from "preact";
import { Link } from "wouter-preact";
import { PageFrame } from "../ui/parts";

export function Nowhere() {
  return (
    <PageFrame trail={[]} title="No such page">
      <p>The address leads nowhere. <Link href="/">Go to the overview</Link>.</p>
    </PageFrame>
  );
}

// `children`: a sentence that says whom the page is for.
export function NotForYou({ title, trail = [], children }: { title: string; trail?: string[]; children: ComponentChildren }) {
  return (
    <PageFrame trail={trail} title={title}>
      <p>{children} <Link href="/">Go to the overview</Link>.</p>
    </PageFrame>
  );
}
