/** Bugs at the edge of the product: what calls carry, and how many of them there are. */
const e2e = (file, title) => ["--project", "e2e", `test/e2e/${file}.test.ts`, "-t", title];

export const edgeBugs = [
  {
    name: "event streams without a limit",
    file: "src/api/browser/stream-places.ts",
    find: "(takenBy.get(view) ?? 0) >= max.perRequest ||",
    plant: "",
    tests: e2e("event-streams", "three of one request and browser"),
  },
  {
    name: "each process tries a throttled tenant first",
    file: "src/db/tenant-pauses.ts",
    find: "claimed.length === 1 ?",
    plant: "claimed.length >= 0 ?",
    tests: e2e("tenant-pauses", "one call of all processes goes first"),
  },
  {
    name: "nobody is told of a change",
    file: "src/db/request-changes.ts",
    find: "for (const listener of listeners.get(id) ?? []) listener();",
    plant: "void id;",
    tests: e2e("request-changes", "tells whoever waits"),
  },
  {
    name: "the first of two session cookies believed",
    file: "src/api/cookies.ts",
    find: "if (values.length > 1)",
    plant: "if (values.length > 9)",
    tests: e2e("credentials", "is refused where there are two of one name"),
  },
  {
    name: "a short operator token accepted",
    file: "src/api/operators/provisions.ts",
    find: "const tokenCharactersMin = 22;",
    plant: "const tokenCharactersMin = 0;",
    tests: e2e("credentials", "refuses missing and short tokens"),
  },
  {
    name: "outside text reaches PostgreSQL unclean",
    file: "src/domain/text.ts",
    find: String.raw`return !/[^\P{Cc}\t\n\r]|\p{Cs}/u.test(text);`,
    plant: "return text !== undefined;",
    tests: e2e("field-errors", "a 400 names each field and the reason"),
  },
];
