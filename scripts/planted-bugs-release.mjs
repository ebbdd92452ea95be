/** Bugs in how our own app leaves a directory. */
const e2e = (file, title) => ["--project", "e2e", `test/e2e/${file}.test.ts`, "-t", title];
const faults = (title) => ["--project", "faults", "test/faults/release.test.ts", "-t", title];

export const releaseBugs = [
  {
    name: "release: from under another organization's connection",
    file: "src/db/release-rule.ts",
    find: '  if (connected || asked) return "directory_in_use";\n',
    plant: '  if (connected && asked) return "directory_in_use";\n',
    tests: e2e("release-refused", "nobody is named"),
  },
  {
    name: "release: others begin while it is in hand",
    file: "src/db/connection-operations/in-hand.ts",
    find: "ofKinds(({ holdsDirectoryOfAll }) => holdsDirectoryOfAll)",
    plant: "ofKinds(({ isCleanUp }) => isCleanUp)",
    tests: e2e("release-refused", "holds up others meanwhile"),
  },
  {
    name: "release: of any directory that was proved",
    file: "src/db/release-rule.ts",
    find: '  if (wanted?.tenant !== entraTenantId) return "directory_differs";\n',
    plant: '  if (!wanted) return "directory_differs";\n',
    tests: e2e("release-refused", "with both names"),
  },
  {
    name: "release: said although the deletion was refused",
    file: "src/activities/release-access.ts",
    find: '    if (await look()) throw notReady("the deletion is not visible yet");\n',
    plant: "",
    also: [
      ["  if (isFinal || (isSure", "  if (isFinal || isWithout) return undefined;\n  if (isFinal || (isSure"],
    ],
    tests: e2e("release", "the administrator gets the steps"),
  },
  {
    name: "release: a lost answer ends in a failure",
    file: "src/activities/release-access.ts",
    find: "if (unknownNumbers.includes(facts.aadsts ?? 0) || facts.reason === unknownReason) return undefined;",
    plant: "if (facts.reason === unknownReason) return undefined;",
    tests: e2e("release", "its answer was lost"),
  },
  {
    name: "release: one refusal is believed",
    file: "src/activities/release-access.ts",
    find: "if (isFinal || (isSure && isWithout))",
    plant: "if (isFinal || isWithout)",
    tests: faults("remove our app × applied, answered 403"),
  },
  {
    name: "release: connections do not say it",
    file: "src/db/release.ts",
    find: '        await noteAttention(q, connection, "access_released");\n',
    plant: '        await noteAttention(q, connection, "users_consent_missing");\n',
    tests: e2e("release", "says what does not work any more"),
  },
  {
    name: "release: renewals go on",
    file: "src/db/connection-operations/renewals.ts",
    find: "  isNull(ssoConnections.accessReleasedAt),\n",
    plant: "",
    tests: e2e("released-renewal", "a released connection's secret is not renewed"),
  },
  {
    name: "release: nobody is told that the secret ends",
    file: "src/db/expiry-warnings.ts",
    find: "or(isNotNull(ssoConnections.renewalErrorCode), isNotNull(ssoConnections.accessReleasedAt))",
    plant: "isNotNull(ssoConnections.renewalErrorCode)",
    tests: e2e("released-renewal", "a released connection's secret is not renewed"),
  },
  {
    name: "release: taken back by a token of before",
    file: "src/activities/maintenance/look-at-connections.ts",
    find: "    if (connection.accessReleasedAt !== null) await applications.prepareAnew();\n",
    plant: "",
    tests: e2e("released-renewal", "that Graph answers to a token of before"),
  },
];
