import { call, killSuite, perMoment, statement } from "./support/kill-matrix.ts";

killSuite(
  "in a reconnect",
  [
    ...perMoment("reconnect: configure", call("patchApplication"), { reconnect: true }),
    ...perMoment("reconnect: add password", call("addPassword"), { reconnect: true }),
    ...perMoment("reconnect: remove old password", call("removePassword"), { reconnect: true }),
    ...perMoment("reconnect: remove new password in the undo", call("removePassword"), {
      reconnect: true,
      undo: true,
    }),
    ...perMoment("reconnect: commit", statement(/commit/), { reconnect: true }),
  ],
  15,
);
