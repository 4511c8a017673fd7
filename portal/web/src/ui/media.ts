// Whether the page is narrow, and light or dark.

import { signal } from "@preact/signals";

function followed(query: string) {
  const media = window.matchMedia(query);
  const state = signal(media.matches);
  media.addEventListener("change", () => (state.value = media.matches));
  return state;
}

export const narrow = followed("(max-width: 720px)");
const prefersDark = followed("(prefers-color-scheme: dark)");

export type Theme = "light" | "dark" | "system";

function remembered(): Theme {
  try {
    const theme = localStorage.getItem("theme");
    return theme === "light" || theme === "dark" ? theme : "system";
  } catch {
    return "system";
  }
}

export const theme = signal<Theme>(remembered());
export const dark = signal(false);

function apply(): void {
  dark.value = theme.value === "system" ? prefersDark.value : theme.value === "dark";
  document.documentElement.dataset.theme = dark.value ? "dark" : "light";
}

theme.subscribe(apply);
prefersDark.subscribe(apply);

export function choose(next: Theme): void {
  theme.value = next;
  try {
    if (next === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", next);
  } catch {
    // Not remembered, then.
  }
}
