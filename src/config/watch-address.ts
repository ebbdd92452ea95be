import type { ListenAddress } from "./config.ts";
import type { Environment } from "./environment.ts";

/** Where metrics and health are asked for: on `host`, at a port that people are not sent to. Port 0 is any free one. */
export function readWatchAddress(
  env: Environment,
  host: () => string,
  ownPort?: number,
): ListenAddress | undefined {
  if (env.optional("AUTHIO_METRICS_PORT") === undefined) return undefined;
  const port = env.wholeNumber("AUTHIO_METRICS_PORT", 0, { min: 0, max: 65_535 });
  if (port !== 0 && port === ownPort)
    env.problem("AUTHIO_METRICS_PORT", "must differ from PORT; what it tells is for your own machines");
  return { host: host(), port };
}
