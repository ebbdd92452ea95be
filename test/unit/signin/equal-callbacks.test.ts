import { expect, it } from "vitest";
import { createEqualCallbacks } from "../../../src/signin/equal-callbacks.ts";

const never = (): boolean => false;
const count = () => {
  let times = 0;
  return async (): Promise<number> => (times += 1);
};

it("one that was here when the first was answered gets its answer, also afterwards", async () => {
  const [callbacks, work] = [createEqualCallbacks<number>(), count()];
  const leave = callbacks.arrive("a");
  expect(await callbacks.share("a", work, never)).toBe(1);
  expect(await callbacks.share("a", work, never)).toBe(1);
  leave();
  // The last of them has gone.
  expect(await callbacks.share("a", work, never)).toBe(2);
  expect(await callbacks.share("b", work, never)).toBe(3);
});

it("a refusal is shared, and what passes is tried anew", async () => {
  const callbacks = createEqualCallbacks<number>();
  const failing = (text: string) => () => Promise.reject(new Error(text));
  callbacks.arrive("a");
  await expect(callbacks.share("a", failing("first"), never)).rejects.toThrow("first");
  await expect(callbacks.share("a", failing("second"), never)).rejects.toThrow("first");
  callbacks.arrive("b");
  const both = ["b", "b"].map((key) => callbacks.share(key, failing("passes"), () => true));
  for (const one of both) await expect(one).rejects.toThrow("passes");
  expect(await callbacks.share("b", count(), never)).toBe(1);
});
