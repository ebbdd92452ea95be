import { call, itDrainsOnSigterm, killSuite, perMoment } from "./support/kill-matrix.ts";

killSuite(
  "around a call to Microsoft",
  [
    ...perMoment("instantiate", call("instantiate")),
    ...perMoment("configure application", call("patchApplication")),
    ...perMoment("configure service principal", call("patchServicePrincipal")),
    ...perMoment("add password", call("addPassword")),
    ...perMoment("prove secret", call("token", 2)),
    ...perMoment("delete application", call("deleteApplication"), { undo: true }),
  ],
  18,
);

itDrainsOnSigterm();
