// The tabs of Setup > Phones.

export function phoneTabs(current: "desk" | "hot"): { label: string; to: string; current: boolean }[] {
  return [
    { label: "Desk Phones", to: "/setup/phones/desk-phones", current: current === "desk" },
    { label: "Hot Desking", to: "/setup/phones/hot-desking", current: current === "hot" },
  ];
}
