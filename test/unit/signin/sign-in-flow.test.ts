import { randomBytes } from "node:crypto";
import { afterEach, expect, it, vi } from "vitest";
import { createSignInFlows, type SignInFlow } from "../../../src/signin/sign-in-flow.ts";

const key = randomBytes(32);
const flows = createSignInFlows({ active: key, all: [key] });
const minute = 60_000;

function begun(): { state: string; text: string } {
  const state = flows.newState(Date.now());
  const flow: SignInFlow = {
    k: "i",
    c: "sso_1",
    s: state,
    n: "nonce",
    v: "verifier",
    t: Date.now(),
    e: 1,
    p: { kind: "test" },
  };
  return { state, text: flows.write(flow) };
}

afterEach(() => {
  vi.useRealTimers();
});

it.each([
  [1, true],
  [20, true],
  [59, true],
  [61, false],
])("a person who takes %i minutes at Microsoft: %s", (minutes, isGood) => {
  vi.useFakeTimers();
  const { state, text } = begun();
  vi.advanceTimersByTime(minutes * minute);
  expect(flows.read(text) !== undefined).toBe(isGood);
  expect(flows.expiryOf(state) !== undefined).toBe(isGood);
});

it("a flow or state of another key, or a changed one, is none", () => {
  const { state, text } = begun();
  const others = createSignInFlows({ active: randomBytes(32), all: [randomBytes(32)] });
  expect([others.read(text), others.expiryOf(state)]).toEqual([undefined, undefined]);
  for (const changed of [`x${text}`, text.slice(0, -1), text.replace(".", ""), "", "."])
    expect(flows.read(changed)).toBeUndefined();
  for (const changed of [`x${state}`, `${state}x`, state.toUpperCase(), "", ".."])
    expect(flows.expiryOf(changed)).toBeUndefined();
});
