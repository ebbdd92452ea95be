import { zombieSuite } from "./support/kill-matrix.ts";
import { writes } from "./support/traffic.ts";

zombieSuite(writes.filter(({ which, undo }) => which === undefined && undo === undefined));
