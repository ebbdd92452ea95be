import { describe, expect, it } from "vitest";
import type { z } from "zod";
import {
  connectionIdSchema,
  entraTenantIdSchema,
  orgIdSchema,
  workIdSchema,
} from "../../../src/domain/ids.schema.ts";
import {
  parseConnectionId,
  parseEntraTenantId,
  parseOrgId,
  parseWorkId,
} from "../../../src/domain/parse-ids.ts";

const hex = "0123456789abcdef".repeat(2);
const guid = "62E90394-69F5-4237-9190-012177145E10";
const texts = [
  `mspr_${hex}`,
  `op_${hex}`,
  `sso_${hex}`,
  `msl_${hex}`,
  hex,
  `mspr_${hex}\n`,
  ` op_${hex}`,
  `sso_${hex.toUpperCase()}`,
  `sso_${hex}0`,
  guid,
  guid.toLowerCase(),
  `{${guid}}`,
  `${guid}\n`,
  guid.replaceAll("-", ""),
  guid.replace("E", "G"),
  "",
  "org one",
  "org\none",
  "org\u202e",
  "é".repeat(255),
  "é".repeat(256),
];

describe("an id that a command is given is what the API takes as one", () => {
  it.each<[string, (text: string) => string | undefined, z.ZodType<string>]>([
    ["work", parseWorkId, workIdSchema],
    ["connection", parseConnectionId, connectionIdSchema],
    ["directory", parseEntraTenantId, entraTenantIdSchema],
    ["organization", parseOrgId, orgIdSchema],
  ])("%s", (_what, parse, schema) => {
    const taken = texts.map(parse);
    expect(taken).toEqual(texts.map((text) => schema.safeParse(text).data));
    expect(taken.filter((one) => one !== undefined)).not.toEqual([]);
  });
});
