import { atStatement, killSuite } from "./support/kill-matrix.ts";
import { statements } from "./support/traffic.ts";

killSuite("around a statement", "worker killed at a statement", statements.flatMap(atStatement));
