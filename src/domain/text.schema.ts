import { z } from "zod";
import { isPlainText, reasonUnitsMax } from "./text.ts";

/** Somebody's words, 1 to `charactersMax` UTF-16 units, refused rather than cleaned: what is kept is what was written. */
export const plainText = (charactersMax: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(charactersMax)
    .refine(isPlainText, { error: "holds control characters or half a surrogate pair" })
    .meta({ description: "No control characters but line ends and tabs." });

/** Why an operator did something; goes into the audit trail. */
export const reasonSchema = plainText(reasonUnitsMax);
