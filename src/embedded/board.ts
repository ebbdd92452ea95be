/** The parts of the stack, in the order people read them. */
export const stackParts = [
  "PostgreSQL",
  "Temporal",
  "Entra simulator",
  "API and dashboard",
  "Worker",
] as const;
export type StackPart = (typeof stackParts)[number];

/** Hears how far each part is; `done` ends its line. */
export type TellProgress = (part: StackPart, state: string, done?: boolean) => void;

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 90;

/**
 * Shows the parts coming up: on a terminal one line each, rewritten in place; elsewhere a line per event.
 * `close` leaves the last picture standing.
 */
export function startBoard(out: NodeJS.WriteStream): { tell: TellProgress; close(): void } {
  const startedMs = performance.now();
  const seconds = (): string => `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
  if (!out.isTTY)
    return {
      tell: (part, state, done) =>
        void out.write(`  ${part}: ${state}${done ? ` after ${seconds()}` : ""}\n`),
      close: () => undefined,
    };
  const lines = new Map<StackPart, { state: string; after?: string }>(
    stackParts.map((part) => [part, { state: "waiting" }]),
  );
  let frame = 0;
  let drawn = false;
  const draw = (): void => {
    frame += 1;
    const text = [...lines].map(([part, { state, after }]) => {
      const mark = after === undefined ? (state === "waiting" ? "·" : frames[frame % frames.length]) : "✓";
      const width = Math.max((out.columns ?? 80) - 26, 20);
      return `\u001B[2K  ${mark} ${part.padEnd(18)} ${state.slice(0, width)}${after === undefined ? "" : `  ${after}`}`;
    });
    out.write(`${drawn ? `\u001B[${stackParts.length}A` : ""}${text.join("\n")}\n`);
    drawn = true;
  };
  const timer = setInterval(draw, frameMs);
  draw();
  return {
    tell(part, state, done) {
      lines.set(part, { state, ...(done ? { after: seconds() } : {}) });
    },
    close() {
      clearInterval(timer);
      draw();
    },
  };
}
