import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { freePort } from "../../src/embedded/free-port.ts";
import { startTemporalServer } from "../../src/embedded/temporal-server.ts";

it.each(["C# demo", "what?", "100%41", "dé mo & co"])(
  "Temporal's store stays in a folder called “%s”, and is found again",
  async (name) => {
    const around = mkdtempSync(path.join(os.tmpdir(), "temporal-folder-"));
    const folder = path.join(around, name);
    mkdirSync(folder);
    try {
      for (let start = 0; start < 2; start += 1) {
        const server = await startTemporalServer({
          port: await freePort(),
          databaseFile: path.join(folder, "temporal.db"),
          tell: () => undefined,
        });
        await server.stop();
      }
      expect(readdirSync(folder)).toContain("temporal.db");
      expect(readdirSync(around)).toEqual([name]);
    } finally {
      rmSync(around, { recursive: true });
    }
  },
);
