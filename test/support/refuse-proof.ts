import type { Fault } from "../../src/simulator/options.ts";

/** Microsoft refuses the new secret at its proof, for good: the application is there by then, so the undo has work. */
export const refuseProof: Fault = {
  call: "token",
  of: "connection",
  kind: "answer",
  status: 400,
  code: "invalid_request",
  aadsts: 90_002,
  times: 1_000_000,
};
