import { call, type KillCase, killSuite, perMoment } from "./support/kill-matrix.ts";
import { refuseSecrets, type Statement, trafficOf } from "./support/traffic.ts";

const { removeApplication, recordDisconnected, restoreApplication, upsertConnection } = trafficOf;
/** What reads only is asked again, whatever became of it. */
const ofCalls = (on: "disconnect" | "restore", calls: typeof removeApplication.calls): KillCase[] =>
  calls
    .filter(({ writes }) => writes)
    .flatMap(({ name, call: of, nth }) => perMoment(`${on}: ${name}`, call(of, nth), { on }));
const ofStatements = (on: "disconnect" | "restore", statements: readonly Statement[]): KillCase[] =>
  statements.flatMap(({ name, matches, which }) =>
    perMoment(`${on}: ${name}`, { kind: "statement", matches, ...(which && { which }) }, { on }),
  );

killSuite("in a disconnection or a restore", "worker killed in a removal", [
  ...ofCalls("disconnect", removeApplication.calls),
  ...ofStatements("disconnect", recordDisconnected.statements),
  ...ofCalls("restore", restoreApplication.calls),
  ...ofStatements("restore", restoreApplication.statements),
  ...perMoment("restore: add password", call("addPassword"), { on: "restore" }),
  ...ofStatements("restore", upsertConnection.statements.slice(-1)),
  ...perMoment("restore: delete it again in the undo", call("deleteApplication"), {
    on: "restore",
    also: refuseSecrets,
  }),
]);
