import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";

/** A database of a test's own on the run's server, its owner's address, and roles of its own; all gone at the end. */
export async function newDatabase() {
  const server = inject("postgresUrl");
  const admin = postgres(server, { max: 1, onnotice: () => {} });
  const name = `test_${randomBytes(6).toString("hex")}`;
  await admin.unsafe(`create database ${name}`);
  const urlFor = (user?: string, password?: string): URL => {
    const url = new URL(server);
    url.pathname = `/${name}`;
    if (user !== undefined) Object.assign(url, { username: user, password: password ?? "" });
    return url;
  };
  const owner = postgres(urlFor().href, { max: 1, onnotice: () => {} });
  const roles: string[] = [];
  return {
    name,
    url: urlFor(),
    /** As the server's administrator, in this database. */
    sql: owner,
    /** A role that may log in and nothing else, and its address. */
    async newRole(attributes = ""): Promise<{ role: string; url: URL }> {
      const [role, password] = [`${name}_${roles.length}`, randomBytes(9).toString("hex")];
      await admin.unsafe(`create role ${role} login password '${password}' ${attributes}`);
      roles.push(role);
      return { role, url: urlFor(role, password) };
    },
    async drop(): Promise<void> {
      await owner.end();
      await admin.unsafe(`drop database ${name} with (force)`);
      for (const role of roles) await admin.unsafe(`drop role ${role}`);
      await admin.end();
    },
  };
}
