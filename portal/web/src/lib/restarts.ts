// What a phone's restart has come to, from the API's sentence about it.

const BY_HAND = /^restart by hand: /;
const BACK = /^back since /;

export const isByHand = (restart: string | undefined) => BY_HAND.test(restart ?? "");
export const isRestarting = (restart: string | undefined) => !!restart && !BACK.test(restart);

// For a list: short, and without how long ago, for it is not read again to count seconds.
export const stateOf = (restart = "") => restart.replace(BY_HAND, "by hand: ").replace(/ \d+(ms|[dhms])( \d+[hms])? ago/g, "");
