// Whose phone is what.

import type { UserRow } from "../api/types";

// The desk phone of the main extension, if there is one.
export function mainMac(user: UserRow): string {
  return user.phones.includes(user.main_extension) ? user.main_extension : "";
}

// Why a further phone becomes an additional one; empty: it becomes the main one.
export function whyAdditional(user: UserRow): string {
  const name = user.name || user.extension;
  if (user.main_phone === "hot-desking") return `The main extension of ${name} is set to Hot Desking, so this becomes an additional phone.`;
  return mainMac(user) === "" ? "" : `${name} has a main phone already, so this becomes an additional phone.`;
}
