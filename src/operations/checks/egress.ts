import { readTime } from "../../domain/clock.ts";
import { fail, type Finding, pass } from "./check.ts";

const timeoutMs = 5000;
const fix = "let this machine reach it over https (proxy, firewall, DNS), and check AUTHIO_MS_CLOUD";

/** Microsoft's sign-in host answers with its configuration. */
export async function checkLogin(loginOrigin: string): Promise<Finding> {
  const { ok, status } = await reach(`${loginOrigin}/organizations/v2.0/.well-known/openid-configuration`);
  return ok ? pass(`${loginOrigin} answers`) : fail(`${loginOrigin} answers ${status}`, fix);
}

/** Graph's host answers; what, does not matter without a token. */
export async function checkGraph(graphOrigin: string): Promise<Finding> {
  const { status } = await reach(`${graphOrigin}/v1.0/`);
  return status < 500 ? pass(`${graphOrigin} answers`) : fail(`${graphOrigin} answers ${status}`, fix);
}

/** The time by Microsoft's clock, from the `Date` header of its sign-in host; whole seconds. */
export async function microsoftTime(loginOrigin: string): Promise<Date | undefined> {
  const { headers } = await reach(`${loginOrigin}/organizations/v2.0/.well-known/openid-configuration`);
  return readTime(headers.get("date"));
}

async function reach(url: string): Promise<Response> {
  const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
  await answer.body?.cancel();
  return answer;
}
