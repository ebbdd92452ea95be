// Writes docs/errors.md from the table of codes (after `npm run compile`): npm run docs:errors
import { writeFileSync } from "node:fs";
import { errorCodes } from "../dist/domain/error-codes.js";
import { errorsDocument } from "../dist/domain/errors-document.js";

writeFileSync("docs/errors.md", errorsDocument(errorCodes));
