import { z } from "zod";
import { CodedError } from "../domain/coded-error.ts";

const limitMax = 100;

/** The parameters of a list that can grow: how many, and after which cursor of an answer before. */
export const pageQuery = {
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, { error: `must be a number from 1 to ${limitMax}` })
    .transform(Number)
    .default(limitMax)
    .meta({ description: `How many, 1 to ${limitMax}.` }),
  after: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, { error: "is no cursor of this list" })
    .optional()
    .meta({ description: "`list_metadata.after` of the answer before." }),
};

/** Where the next page begins; null when this was the last. */
export const listMetadataSchema = z.object({ after: z.string().nullable() });

/**
 * One page of the rows that were read, one more than asked for; the cursor is the id of its last row, so that it stays
 * good whatever is added meanwhile.
 * @throws {CodedError} invalid_request where the rows are undefined: the cursor is none of this list's
 */
export function pageOf<T extends { readonly id: string }>(
  rows: readonly T[] | undefined,
  limit: number,
): { readonly rows: readonly T[]; readonly list_metadata: z.infer<typeof listMetadataSchema> } {
  if (rows === undefined)
    throw new CodedError("invalid_request", undefined, {
      errors: [{ path: "after", reason: "is no cursor of this list" }],
    });
  const page = rows.slice(0, limit);
  return { rows: page, list_metadata: { after: rows.length > limit ? (page.at(-1)?.id ?? null) : null } };
}
