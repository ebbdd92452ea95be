import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { developmentOrg, developmentProject } from "./development-sessions.ts";

/** What the sample shows of itself once it runs. */
export interface SampleApplication {
  readonly origin: string;
  /** The applications file that names it. */
  readonly file: string;
  stop(): Promise<void>;
}

interface Notes {
  readonly origin: string;
  stop(): Promise<void>;
}
type StartNotes = (settings: {
  issuer: string;
  clientId: string;
  clientSecret: string;
  organizationId: string;
  port: number;
}) => Promise<Notes>;

const clientId = "notes";

/**
 * Starts `examples/notes` with a secret of its own and registers it. It stays outside of the product's code, as any
 * other application does.
 * @param port 0 takes a free one
 */
export async function startSampleApplication(issuer: string, port: number): Promise<SampleApplication> {
  const clientSecret = randomBytes(32).toString("base64url");
  const module = (await import(new URL("../../examples/notes/server.mjs", import.meta.url).href)) as {
    startNotes: StartNotes;
  };
  const notes = await module.startNotes({
    issuer,
    clientId,
    clientSecret,
    organizationId: developmentOrg.id,
    port,
  });
  const folder = await mkdtemp(path.join(os.tmpdir(), "authio-applications-"));
  const file = path.join(folder, "applications.json");
  const entry = {
    client_id: clientId,
    project_id: developmentProject,
    name: "Notes",
    redirect_uris: [`${notes.origin}/callback`],
    post_logout_redirect_uris: [`${notes.origin}/`],
    initiate_login_uri: `${notes.origin}/initiate`,
    client_secret_sha256: createHash("sha256").update(clientSecret).digest("hex"),
  };
  await writeFile(file, JSON.stringify([entry], null, 2), { mode: 0o600 });
  return {
    origin: notes.origin,
    file,
    async stop() {
      await notes.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
