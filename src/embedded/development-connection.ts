type Form = Readonly<Record<string, unknown>>;
/** One call to the public API, about one connection. */
type Call = (method: "PATCH" | "DELETE" | "POST", path: string, body?: object) => Promise<Response>;

const connectionId = /^sso_\w+$/;

/**
 * What a form of a connection's card asks for, by the public API: suspend, resume, another name, who may sign in, disconnect or restore.
 * @returns where the browser goes: the card, or what the API said against it
 */
export async function changeConnection(form: Form, call: Call): Promise<string> {
  const { connection: id } = form;
  if (typeof id !== "string" || !connectionId.test(id)) return "/";
  const answer = await send(form, id, call);
  if (answer.ok) return `/#${id}`;
  const { code = "internal" } = (await answer.json()) as { code?: string };
  return `/?${new URLSearchParams({ error: code }).toString()}`;
}

function send({ act, status, access, display_name: name }: Form, id: string, call: Call): Promise<Response> {
  if (act === "disconnect") return call("DELETE", id);
  if (act === "restore") return call("POST", `${id}/restore`);
  return call("PATCH", id, {
    ...(typeof status === "string" ? { status } : {}),
    ...(typeof access === "string" ? { access } : {}),
    ...(typeof name === "string" ? { display_name: name } : {}),
  });
}
