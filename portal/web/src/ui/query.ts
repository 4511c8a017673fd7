// A search or filter that stands in the page's address: Back, a reload and a copied link find it again.

import { useSearch } from "wouter-preact";
import { navigate } from "wouter-preact/use-browser-location";

export function useQueryValue(name: string): [string, (value: string) => void] {
  const value = new URLSearchParams(useSearch()).get(name) ?? "";
  const set = (next: string) => {
    const all = new URLSearchParams(location.search); // as it is now: several are set in one go
    if (next === "") all.delete(name);
    else all.set(name, next);
    const query = all.toString();
    navigate(location.pathname + (query && `?${query}`), { replace: true, state: history.state });
  };
  return [value, set];
}
