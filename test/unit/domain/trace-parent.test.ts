import { expect, it } from "vitest";
import { formatTraceParent, parseTraceParent } from "../../../src/domain/trace-parent.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

it("what is read is written the same", () => {
  for (const flags of ["00", "01"]) {
    const text = `00-${traceId}-${spanId}-${flags}`;
    const parsed = parseTraceParent(text);
    expect(parsed).toEqual({ traceId, spanId, isSampled: flags === "01" });
    expect(parsed && formatTraceParent(parsed)).toBe(text);
  }
});

it.each([
  undefined,
  null,
  "",
  `01-${traceId}-${spanId}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${"0".repeat(32)}-${spanId}-01`,
  `00-${traceId}-${"0".repeat(16)}-01`,
  `00-${traceId}-${spanId}-01-more`,
  `00-${traceId}-${spanId}-01\n`,
])("%j is none", (text) => expect(parseTraceParent(text)).toBeUndefined());
