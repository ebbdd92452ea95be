// What tsc does not carry: the generated migrations, grants, styles and browser scripts.
import { cpSync } from "node:fs";

cpSync("src/db/migrations", "dist/db/migrations", { recursive: true });
cpSync("src/db/grants.sql", "dist/db/grants.sql");
cpSync("src/dashboard/assets", "dist/dashboard/assets", { recursive: true });
cpSync("src/simulator/assets", "dist/simulator/assets", { recursive: true });
