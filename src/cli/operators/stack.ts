import { dataPlaces } from "../../embedded/preflight/data-places.ts";
import { readStackSettings } from "../../embedded/stack-file.ts";
import type { Shell } from "./options.ts";

const usualFolder = ".data";

/** The settings of the product that `npm start` runs in this folder. @throws {TypeError} where none runs */
export async function readStackEnvironment({
  environment,
  dataFolder,
}: Shell): Promise<Shell["environment"]> {
  const settings = await readStackSettings(dataPlaces(dataFolder ?? usualFolder).settingsFile);
  if (!settings) throw new TypeError("npm start does not run in this folder; start it, or leave --stack out");
  const { USER } = environment;
  return { USER, ...settings };
}
