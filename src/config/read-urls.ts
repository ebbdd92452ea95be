import { originOf } from "../domain/host-name.ts";
import type { Environment } from "./environment.ts";
import { isLoopback, isPublicSuffix } from "./listed-hosts.ts";

export function readUrl(env: Environment, name: string, insecure: boolean, fix: string): string {
  const value = env.required(name, fix);
  if (value !== "") checkUrl(env, name, value, insecure);
  return value;
}

export function readOrigin(env: Environment, name: string, insecure: boolean, fix: string): string {
  const value = env.required(name, fix);
  return value === "" ? "" : checkOrigin(env, name, value, insecure);
}

/** The origin in its one spelling, so that every later comparison is one of texts. */
export function checkOrigin(env: Environment, name: string, value: string, insecure: boolean): string {
  const url = checkUrl(env, name, value, insecure);
  const origin = originOf(value);
  if (url && origin === undefined) env.problem(name, "must be an origin only: scheme, host and port");
  return origin ?? value;
}

export function checkUrl(env: Environment, name: string, value: string, insecure: boolean): URL | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const secure =
    url?.protocol === "https:" || (insecure && url?.protocol === "http:" && isLoopback(url.hostname));
  if (url === undefined || !secure || `${url.username}${url.password}` !== "" || url.hash !== "") {
    env.problem(name, "must be an https URL (http on loopback needs AUTHIO_ALLOW_INSECURE_LOOPBACK=1)");
    return undefined;
  }
  if (isPublicSuffix(url.hostname)) env.problem(name, "must name a host of your own, not a public suffix");
  return url;
}
