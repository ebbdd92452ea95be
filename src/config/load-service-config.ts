import type { ServiceConfig } from "./config.ts";
import { Environment, type Variables } from "./environment.ts";
import { readOtlp } from "./read-otlp.ts";
import { readServers } from "./read-servers.ts";

/** What `npm run migrate` and the operators' commands need; apart, so that a command does not load the rest. @throws {ConfigError} */
export function loadServiceConfig(variables: Variables): ServiceConfig {
  const env = new Environment(variables);
  const service = readService(env);
  env.finish();
  return service;
}

export function readService(env: Environment): ServiceConfig {
  return {
    ...readServers(env),
    logLevel: env.oneOf("LOG_LEVEL", ["debug", "info", "warn", "error"], "info"),
    otlp: readOtlp(env),
  };
}
