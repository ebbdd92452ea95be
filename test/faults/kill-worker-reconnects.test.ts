import { call, killSuite, perMoment, statement } from "./support/kill-matrix.ts";

killSuite("in a reconnect", "worker killed in a reconnect", [
  ...perMoment("reconnect: configure", call("patchApplication"), { on: "connect" }),
  ...perMoment("reconnect: add password", call("addPassword"), { on: "connect" }),
  ...perMoment("reconnect: remove old password", call("removePassword"), { on: "connect" }),
  ...perMoment("reconnect: remove new password in the undo", call("removePassword"), {
    on: "connect",
    undo: true,
  }),
  ...perMoment("reconnect: commit", statement(/commit/), { on: "connect" }),
]);
