import { expect, it } from "vitest";
import { nameOfStatement } from "../../../../src/processes/opentelemetry/name-of-statement.ts";

it.each([
  ['select "id", "org_id" from "sso_connections" where "id" = $1', "select sso_connections"],
  ['select ceil(extract(epoch from "until" - now()))::int from "tenant_pauses"', "select tenant_pauses"],
  ['insert into "events" ("id") values ($1)', "insert events"],
  ['update "connection_operations" set "status" = $1', "update connection_operations"],
  ["\n delete from provisioning_pauses where what = $1", "delete provisioning_pauses"],
  [
    'with found as (select 1 from "a"), issued as (\n insert into "b" (id) select 1) select 1 from found',
    "insert b",
  ],
  ["select pg_advisory_xact_lock(hashtextextended($1, 0))", undefined],
  ["commit", undefined],
])("%s", (statement, name) => expect(nameOfStatement(statement)).toBe(name));
