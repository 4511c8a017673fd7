import { expect, test, vi } from "vitest";
import { attended, notice, onAttention } from "../../src/api/attention";

test("who does nothing for five minutes has left, and is noticed on return", () => {
  const back = vi.fn();
  const stop = onAttention(back);
  notice(1_000_000);
  expect(attended(1_000_000 + 299_999)).toBe(true);
  expect(attended(1_000_000 + 300_000)).toBe(false);
  back.mockClear();
  notice(1_000_000 + 299_999);
  expect(back).not.toHaveBeenCalled();
  notice(3_000_000);
  expect(back).toHaveBeenCalledOnce();
  stop();
});
