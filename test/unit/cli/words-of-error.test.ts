import { expect, it } from "vitest";
import { NativeConnection } from "@temporalio/worker";
import { wordsOfError } from "../../../src/cli/words-of-error.ts";
import { DatabaseError } from "../../../src/db/database-error.ts";
import { freePort } from "../../../src/embedded/free-port.ts";

it("names what to set right where a server is away", async () => {
  const database = new DatabaseError("ECONNREFUSED", undefined);
  expect(wordsOfError(database)).toMatch(/^database error ECONNREFUSED; .*DATABASE_URL/);
  const address = `127.0.0.1:${await freePort()}`;
  const temporal: unknown = await NativeConnection.connect({ address }).catch((error: unknown) => error);
  expect(wordsOfError(temporal)).toBe(
    "Temporal does not answer; check TEMPORAL_ADDRESS and that the server runs",
  );
  expect(wordsOfError(new Error("something else"))).toBe("something else");
});
