import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export const assetsPath = "/v1/sso/assets";

const contentTypes = {
  "style.css": "text/css; charset=utf-8",
  "progress.js": "text/javascript; charset=utf-8",
  "live.js": "text/javascript; charset=utf-8",
  "named.js": "text/javascript; charset=utf-8",
  "form.js": "text/javascript; charset=utf-8",
  "copy.js": "text/javascript; charset=utf-8",
  "address.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
} as const;
type AssetName = keyof typeof contentTypes;

export interface Asset {
  readonly body: string;
  readonly contentType: string;
}

const names = Object.keys(contentTypes) as AssetName[];
const bodies = Object.fromEntries(
  names.map((name) => [name, readFileSync(new URL(`./assets/${name}`, import.meta.url), "utf8")]),
) as Record<AssetName, string>;

/** Addresses that change with the content, so that browsers may keep each for a year. */
export const assetUrls = Object.fromEntries(
  names.map((name) => {
    const version = createHash("sha256").update(bodies[name]).digest("hex").slice(0, 12);
    return [name, `${assetsPath}/${version}/${name}`];
  }),
) as Readonly<Record<AssetName, string>>;

/** An asset by its name; the version in the address is for caches only. */
export function findAsset(name: string): Asset | undefined {
  return Object.hasOwn(contentTypes, name)
    ? { body: bodies[name as AssetName], contentType: contentTypes[name as AssetName] }
    : undefined;
}
