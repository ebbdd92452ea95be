import { pause as pauseAll, resume as resumeAll } from "../../operations/pause.ts";
import type { OperatorOptions, Shell } from "./options.ts";
import { requireOperator, withTools } from "./tools.ts";

type Run = (ids: readonly string[], options: OperatorOptions, shell: Shell) => Promise<number>;

/** `pause --reason TEXT`: of all provisioning. */
export const pause: Run = async (_ids, options, shell) => {
  const { name, reason } = requireOperator(shell, options.reason);
  return withTools(shell, async (ctx) => {
    const changed = await pauseAll({ ctx, input: { operator: name, reason } });
    if (options.json) shell.print(JSON.stringify({ changed }));
    else
      shell.print(
        changed
          ? "Paused: nothing begins. What is under way ends, approvals are recorded and wait; sign-in goes on."
          : "It was paused already; doctor says by whom.",
      );
    return 0;
  });
};

/** `resume --reason TEXT`: ends it, and has our own credential tried at once where that is what holds things up. */
export const resume: Run = async (_ids, options, shell) => {
  const { name, reason } = requireOperator(shell, options.reason);
  return withTools(shell, async (ctx) => {
    const { ended, triesCredential } = await resumeAll({ ctx, input: { operator: name, reason } });
    if (options.json)
      shell.print(JSON.stringify({ changed: ended || triesCredential, tries_credential: triesCredential }));
    else {
      if (ended) shell.print("Resumed: workers begin what waits within 15 seconds.");
      if (triesCredential)
        shell.print(
          "Microsoft refused our own credential: a worker tries it again now; doctor says what came of it.",
        );
      if (!ended && !triesCredential) shell.print("Nothing was paused.");
    }
    return 0;
  });
};
