import { loadApiConfig } from "../../config/load-config.ts";
import { revokeKeyNow, rotateSigningKeys, showSigningKeys } from "../../operations/signing-keys.ts";
import { environmentKeyWrapping } from "../../sealing/environment-key-wrapping.ts";
import { keySetSeconds, tokenSeconds } from "../../signin/signing-keys.ts";
import type { OperatorOptions, Shell } from "./options.ts";
import { withTools } from "./tools.ts";

/** `keys`, `keys rotate`, `keys revoke KID --now`. */
export async function keys(
  [action = "list", kid]: readonly string[],
  options: OperatorOptions,
  shell: Shell,
): Promise<number> {
  const { keyring } = loadApiConfig(shell.environment);
  if (!keyring) throw new TypeError("AUTHIO_IMPORT_CREDS_KEY is not set; signing keys are sealed under it");
  const keyWrapping = environmentKeyWrapping(keyring);
  return withTools(shell, async ({ database }) => {
    switch (action) {
      case "list": {
        const known = await showSigningKeys(database);
        if (options.json) shell.print(JSON.stringify({ data: known }));
        else if (known.length === 0)
          shell.print("No keys yet; the first sign-in to an application makes them.");
        for (const key of options.json ? [] : known)
          shell.print(
            `${key.kid}  ${key.algorithm.padEnd(6)} ${key.state.padEnd(8)} ${key.createdAt.toISOString()}`,
          );
        return 0;
      }
      case "rotate": {
        const announced = await rotateSigningKeys({ database, keyWrapping });
        shell.print(options.json ? JSON.stringify({ announced }) : announcement(announced));
        return 0;
      }
      case "revoke": {
        if (kid === undefined || !options.now)
          throw new TypeError("give a key id and --now: keys revoke KID --now; plain rotation loses nothing");
        await revokeKeyNow({ database, keyWrapping }, kid);
        shell.print(options.json ? JSON.stringify({ revoked: kid }) : farewell(kid));
        return 0;
      }
      default:
        throw new TypeError("keys takes list, rotate, or revoke KID --now");
    }
  });
}

function announcement(announced: readonly string[]): string {
  return announced.length === 0
    ? "New keys are announced already; they take over by themselves."
    : `Announced: ${announced.join(", ")}. They sign in eleven minutes, when every cache has them.`;
}

function farewell(kid: string): string {
  return `${kid} is gone; every replica stops signing with it within 30 seconds. Key sets of others may hold it for ${keySetSeconds / 60} minutes more, and who checks tokens without reading keys anew takes what it signed for up to ${tokenSeconds / 60} minutes.`;
}
