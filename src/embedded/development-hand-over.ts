import type { MadeLinkView, SetupLinkView } from "../api/portal/setup-link.schema.ts";

type Form = Readonly<Record<string, unknown>>;
/** One call to the public API, below the setup links. */
type Call = (method: "GET" | "POST" | "DELETE", path: string, body?: object) => Promise<Response>;

const linkId = /^msl_\w+$/;
const shownMax = 10;

/** The newest links; none where they cannot be read. */
export async function readSetupLinks(call: Call): Promise<readonly SetupLinkView[]> {
  const answer = await call("GET", `?limit=${shownMax}`);
  return answer.ok ? ((await answer.json()) as { data: SetupLinkView[] }).data : [];
}

/**
 * What a form of the hand-over asks for, by the public API: make, revoke or confirm a link.
 * @returns the link that was made, or where the browser goes
 */
export async function changeHandOver(
  form: Form,
  organizationId: string,
  call: Call,
): Promise<MadeLinkView | string> {
  const answer = await send(form, organizationId, call);
  if (answer === undefined) return "/";
  const body = (await answer.json()) as MadeLinkView & { code?: string; error?: { code: string } };
  if (answer.status === 201) return body;
  const code = answer.ok ? body.error?.code : (body.code ?? "internal");
  return code === undefined ? "/" : `/?${new URLSearchParams({ error: code }).toString()}`;
}

async function send(form: Form, organizationId: string, call: Call): Promise<Response | undefined> {
  const { act, id } = form;
  const text = (name: string): string => (typeof form[name] === "string" ? form[name].trim() : "");
  const given = (name: string): object => (text(name) === "" ? {} : { [name]: text(name) });
  if (act === "make") {
    const which = text("which");
    return call("POST", "", {
      organization_id: organizationId,
      intent: "sso",
      ...given("domain"),
      ...(text("email") === "" ? {} : { it_contact_emails: [text("email")] }),
      ...(which === "additional" ? { additional: true } : which === "" ? {} : { connection: which }),
    });
  }
  if (typeof id !== "string" || !linkId.test(id)) return undefined;
  if (act === "revoke") return call("DELETE", `/${id}`);
  const shown = { ...given("entra_tenant_id"), ...given("proof_id"), ...given("domain") };
  return act === "confirm" ? call("POST", `/${id}/confirm`, shown) : undefined;
}
