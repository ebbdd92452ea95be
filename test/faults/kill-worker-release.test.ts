import { call, killSuite, perMoment, statement } from "./support/kill-matrix.ts";
import { trafficOf } from "./support/traffic.ts";

const on = "release";

killSuite("in a release", "worker killed in a release", [
  ...perMoment("release: remove our app", call("deleteServicePrincipal"), { on }),
  ...trafficOf.recordReleased.statements.flatMap(({ name, matches }) =>
    perMoment(`release: ${name}`, statement(matches), { on }),
  ),
]);
