import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
export const collectGarbage = runInNewContext("gc") as () => void;

/** All that nobody holds is gone at once, until the end of the work: what works by luck then fails. */
export async function collectingGarbage<T>(work: () => Promise<T>): Promise<T> {
  const collecting = setInterval(collectGarbage, 10);
  try {
    return await work();
  } finally {
    clearInterval(collecting);
  }
}
