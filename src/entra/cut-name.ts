/**
 * What Entra admits in an application's display name. The unit is not documented: UTF-16 units are the largest count,
 * so a name that fits in them fits in any.
 * @see https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/10565 (read November 2026)
 */
export const displayNameUnitsMax = 120;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** As many whole graphemes as fit into so many UTF-16 units, without a space at the end; empty where not one fits. */
export function cutName(text: string, unitsMax: number): string {
  let end = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    if (index + segment.length > unitsMax) break;
    end = index + segment.length;
  }
  return text.slice(0, end).trimEnd();
}
