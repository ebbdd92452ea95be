import { consentCallbackPath } from "../../entra/consent-url.ts";
import type { OwnApplication } from "../../entra/own-application.ts";
import { fail, type Finding, pass, skip } from "./check.ts";

/** Microsoft sends people back to us: the app's registration has our callback. */
export async function checkRedirectUri(
  ssoOrigin: string,
  look: () => Promise<OwnApplication>,
): Promise<Finding> {
  const wanted = `${ssoOrigin}${consentCallbackPath}`;
  const own = await look().catch(() => undefined);
  if (!own?.registration)
    return skip(
      "the registration cannot be read from here",
      `see in Entra that ${wanted} is a redirect URI of type web`,
    );
  return own.registration.redirectUris.includes(wanted)
    ? pass(`${wanted} is registered`)
    : fail(`${wanted} is not among the app's redirect URIs`, "add it in Entra as a redirect URI of type web");
}
