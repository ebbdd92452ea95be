/** Bugs of setup links: what an address alone may do, and who must have said yes. */
const e2e = (file, title) => ["--project", "e2e", `test/e2e/${file}.test.ts`, "-t", title];

export const setupBugs = [
  {
    name: "a link that a GET consumes",
    file: "src/api/setup/link-page.ts",
    find: "  const { returnUrl } = link;",
    plant: `  const press = { stateHash: link.id, browserHash: link.id, isSameBrowser: () => false };
  await pressSetupLink(deps.database, link.id, press);
  const { returnUrl } = link;`,
    also: [
      [
        "import { setupLinkPage } from",
        'import { pressSetupLink } from "../../db/setup-links/press-link.ts";\nimport { setupLinkPage } from',
      ],
    ],
    tests: e2e("setup-links", "consumes nothing, by whom and however often it is asked"),
  },
  {
    name: "any browser finishes a setup link",
    file: "src/api/browser/consent-decision.ts",
    find: 'return binding !== "confirm" || browserHash !== null;',
    plant: 'return binding === "cookie" || (binding === "confirm" && browserHash !== null);',
    tests: e2e("setup-links", "a consent URL is worth nothing, and burns that click alone"),
  },
  {
    name: "a confirmation takes whatever proof is there",
    file: "src/db/setup-links/confirm-link.ts",
    find: "if (click.id !== given.proofId || click.entraTenantId !== given.entraTenantId)",
    plant: "if (click.entraTenantId !== given.entraTenantId)",
    tests: e2e(
      "setup-links-confirm",
      "of what was shown before is refused once another proof took its place",
    ),
  },
  {
    name: "a link of somebody who lost the role",
    file: "src/api/portal/require-setup-links.ts",
    find: "  await noteLostRole(deps, session);\n",
    plant: "",
    tests: e2e("setup-links-confirm", "happens by itself once its maker is seen without the role"),
  },
];
