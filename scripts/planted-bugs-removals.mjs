/** Bugs in how a connection is disconnected and brought back. */
const e2e = (title) => ["--project", "e2e", "test/e2e/disconnect-restore.test.ts", "-t", title];
const operators = (title) => ["--project", "e2e", "test/e2e/operators-connections.test.ts", "-t", title];
const leftovers = (title) => ["--project", "e2e", "test/e2e/removal-leftovers.test.ts", "-t", title];
const sides = (title) => ["--project", "e2e", "test/e2e/switched-off.test.ts", "-t", title];
const credentials = "src/activities/remove-credentials.ts";
const faults = (file, title) => ["--project", "faults", `test/faults/${file}.test.ts`, "-t", title];

export const removalBugs = [
  {
    name: "removal: a disconnect that leaves a credential",
    file: credentials,
    find: "    ...passwordCredentials.map(",
    plant: "    ...passwordCredentials.slice(1).map(",
    tests: faults("disconnect-restore", "delete the application × 503"),
  },
  {
    name: "removal: a disconnect that leaves a certificate",
    file: credentials,
    find: "keyCredentials.length > 0",
    plant: "keyCredentials.length > 9",
    tests: leftovers("takes away before the application"),
  },
  {
    name: "removal: a credential that cannot be removed keeps its application alive",
    file: "src/activities/remove-application.ts",
    find: "  if (isRefused && attempt < attemptsMin) throw stillThere();\n",
    plant: "  if (isRefused) throw error;\n",
    tests: leftovers("takes an application away with a credential that Microsoft keeps"),
  },
  {
    name: "removal: taken away before the row says so",
    file: "src/db/disconnect.ts",
    find: '    const connection = await (before.status === "disconnected" ? keepOff : switchOff)(q, before, by);\n',
    plant:
      "    const connection = before;\n    setTimeout(() => void database.transaction((late) => switchOff(late, before, by)), 3000);\n",
    tests: faults("disconnect-restore", "delete the application × 503"),
  },
  {
    name: "removal: does not wait for the mint of what it stopped",
    file: "src/activities/remove-application.ts",
    find: "sinceBegunMs < undoneWithinMs &&",
    plant: "sinceBegunMs < undoneWithinMs - 90_000 &&",
    tests: faults("two-orders", "a secret that is being minted"),
  },
  {
    name: "removal: stopped, it is listed nowhere",
    file: "src/db/connection-operations/end-run.ts",
    find: '  if (factsOfKind(operation.kind).isCleanUp) return "needs_operator";\n',
    plant: "",
    tests: faults("removals-by-hand", "who stops a disconnection leaves it listed"),
  },
  {
    name: "removal: a retry does not know its application",
    file: "src/db/connection-operations/retry-operation.ts",
    find: "...(await ownApplication(q, operation)),",
    plant: "...(operation.generation < 0 ? await ownApplication(q, operation) : {}),",
    tests: faults("removals-by-hand", "who stops a disconnection leaves it listed"),
  },
  {
    name: "removal: ordered during a restore, it is one of before",
    file: "src/db/disconnect.ts",
    find: ' && inHand?.kind !== "restore"',
    plant: "",
    tests: faults("two-orders", "disconnect while restore is at addPassword, before"),
  },
  {
    name: "restore: under a new sub",
    file: "src/signin/identity.ts",
    find: "sub: subjectOf({ orgId, tid: person.tid, oid: person.oid }),",
    plant: "sub: subjectOf({ orgId: orgId + connection.epoch, tid: person.tid, oid: person.oid }),",
    tests: e2e("brings back application, ids and people's sub"),
  },
  {
    name: "restore: another application in place of the deleted one",
    file: "src/activities/restore-application.ts",
    find: "    if (!wasThere) await recordApplication(deps.database, run, { ...before, adopted });\n",
    plant:
      '    if (!wasThere) {\n      const made = await applications.instantiate("Authio SSO");\n      await recordApplication(deps.database, run, { ...before, ...made, adopted: false });\n      return made;\n    }\n',
    tests: faults("disconnect-restore", "restore the application × 503"),
  },
  {
    name: "restore: a foreign credential comes back",
    file: credentials,
    find: "keptMark === undefined || !displayName",
    plant: "keptMark === undefined && !displayName",
    tests: faults("disconnect-restore", "restore the application × 503"),
  },
  {
    name: "restore: a certificate comes back",
    file: credentials,
    find: "keyCredentials.length > 0",
    plant: "keyCredentials.length > 8",
    tests: leftovers("takes away what came back with the application"),
  },
  {
    name: "restore: an identity elsewhere comes back",
    file: credentials,
    find: "listFederated(appObjectId)).map(",
    plant: "listFederated(appObjectId)).slice(9).map(",
    tests: leftovers("takes away what came back with the application"),
  },
  {
    name: "restore: what cannot be listed is taken for none",
    file: credentials,
    find: "    return [() => Promise.reject(error)];",
    plant: "    return [];",
    tests: leftovers("brings nothing back with a credential"),
  },
  {
    name: "restore: a secret of the service principal comes back",
    file: credentials,
    find: "removalsOf(ofPrincipal, servicePrincipalId, principal)",
    plant: "removalsOf(ofPrincipal, servicePrincipalId, { ...principal, passwordCredentials: [] })",
    tests: leftovers("ends what a secret of the enterprise application opened"),
  },
  {
    name: "restore: a certificate of the service principal comes back",
    file: credentials,
    find: "removalsOf(ofPrincipal, servicePrincipalId, principal)",
    plant: "removalsOf(ofPrincipal, servicePrincipalId, { ...principal, keyCredentials: [] })",
    tests: leftovers("takes away what came back with the application"),
  },
  {
    name: "restore: begun while another is undone",
    file: "src/db/restore.ts",
    find: " || (await isBeingUndone(q, id))",
    plant: ' || ((await isBeingUndone(q, id)) && by.actor === "system")',
    tests: faults("two-orders", "no restore begins while another"),
  },
  {
    name: "restore: its undo leaves what it had minted",
    file: "src/activities/delete-orphaned-application.ts",
    find: "    if (isRestored) await removeMinted(operation, applications);\n",
    plant: "",
    tests: faults("removals-by-hand", "after it had minted"),
  },
  {
    name: "return: an operator undoes an owner's decision unasked",
    file: "src/domain/switched-off.ts",
    find: '  if (!overridesOwner) throw new CodedError("switched_off_by_owner");\n',
    plant: "",
    tests: operators("brings back what an owner switched off only where this is said"),
  },
  {
    name: "return: an owner undoes an operator's decision",
    file: "src/domain/switched-off.ts",
    find: '    if (switchedOffBy.includes("operator")) throw new CodedError("switched_off_by_operator");\n',
    plant: "",
    tests: sides("switches off what no owner brings back"),
  },
  {
    name: "return: who disconnects last has decided alone",
    file: "src/db/connection-status.ts",
    find: "return addSides(before.switchedOffBy, by.sides ?? [sideOf(by.actor)]);",
    plant: "return addSides(before.switchedOffBy.slice(9), by.sides ?? [sideOf(by.actor)]);",
    tests: sides("switches off what no owner brings back"),
  },
  {
    name: "return: who orders it second has not decided",
    file: "src/db/disconnect.ts",
    find: "return { connection: await keepOff(q, before, by), operation",
    plant: "return { connection: before, operation",
    tests: sides("switched off already has said so too"),
  },
  {
    name: "return: a replayed trail makes it the operator's decision",
    file: "src/operations/replay-statuses.ts",
    find: "sides: sidesAfter(connection.switchedOffBy, lost)",
    plant: 'sides: sidesAfter(connection.switchedOffBy, []).concat(["operator"])',
    tests: ["--project", "e2e", "test/e2e/replay-statuses.test.ts", "-t", "keeps whose decision it was"],
  },
];
