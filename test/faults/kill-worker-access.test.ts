import { call, killSuite, perMoment, statement } from "./support/kill-matrix.ts";
import { trafficOf } from "./support/traffic.ts";

const on = "change_access";

killSuite("in a change of access", "worker killed in a change of access", [
  ...perMoment("access: set the assignment", call("patchServicePrincipal"), { on }),
  ...trafficOf.recordAccess.statements.flatMap(({ name, matches }) =>
    perMoment(`access: ${name}`, statement(matches), { on }),
  ),
]);
