import { atCall, itDrainsOnSigterm, killSuite } from "./support/kill-matrix.ts";
import { targets } from "./support/traffic.ts";

killSuite("around a call to Microsoft", "worker killed at a call", targets.flatMap(atCall));

itDrainsOnSigterm();
