/**
 * What an application's texts may be, in UTF-16 units: instantiate is stricter with the name than PATCH is.
 * Undefined where all of them fit, else Graph's sentence.
 */
export function tooLong(body: Record<string, unknown>, nameMax: 90 | 120): string | undefined {
  const sentence = (name: string, max: number): string =>
    `Invalid value specified for property '${name}' of resource 'Application': longer than ${max}.`;
  const { displayName, notes, tags } = body;
  if (typeof displayName === "string" && displayName.length > nameMax)
    return sentence("displayName", nameMax);
  if (typeof notes === "string" && notes.length > 1024) return sentence("notes", 1024);
  if (Array.isArray(tags) && tags.some((tag) => String(tag).length > 256)) return sentence("tags", 256);
  return undefined;
}
