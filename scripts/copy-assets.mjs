// What tsc does not carry: the generated migrations, styles and browser scripts.
import { cpSync } from "node:fs";

cpSync("src/db/migrations", "dist/db/migrations", { recursive: true });
cpSync("src/dashboard/assets", "dist/dashboard/assets", { recursive: true });
cpSync("src/simulator/assets", "dist/simulator/assets", { recursive: true });
