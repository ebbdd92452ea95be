/** `from` also stands in `extract(epoch from …)`. */
const shapes = [
  /^\s*with\b.*?\b(insert) into "?(\w+)/is,
  /^\s*(insert) into "?(\w+)/i,
  /^\s*(update) "?(\w+)/i,
  /^\s*(delete) from "?(\w+)/i,
  /^\s*(select)\b.*?(?<!\bepoch\s+)\bfrom\s+"?(\w+)/is,
];

/** `select sso_connections`: keyword and table, which are ours; undefined for one that names none, such as a lock. */
export function nameOfStatement(text: string): string | undefined {
  for (const shape of shapes) {
    const [, keyword, table] = shape.exec(text) ?? [];
    if (keyword !== undefined && table !== undefined) return `${keyword.toLowerCase()} ${table}`;
  }
  return undefined;
}
