// A small application with a "Sign in with Microsoft" button. It knows its OpenID provider by three settings: issuer,
// client id and secret. Everything else it learns from the provider's discovery document.
//
//   ISSUER=… CLIENT_ID=… CLIENT_SECRET=… PORT=3002 node examples/notes/server.mjs
//
// ORGANIZATION_ID (optional) says whose people sign in; without it the provider asks.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import * as client from "openid-client";

const cookieName = "notes_session";
const bodyBytesMax = 10_000;
const sessionsMax = 10_000;
const newId = () => randomBytes(32).toString("base64url");
const cookieOf = (id) => `${cookieName}=${id}; HttpOnly; SameSite=Lax; Path=/`;

/** Starts it on loopback. Discovery happens at the first sign-in, so the provider may come later. */
export async function startNotes({ issuer, clientId, clientSecret, organizationId, port }) {
  /** By cookie: `{flow}` while a sign-in is under way, `{user}` afterwards. */
  const sessions = new Map();
  /** By person. People are known by issuer and sub: an e-mail address may change hands. */
  const notesOf = new Map();
  let discovered;
  const provider = () =>
    (discovered ??= client
      .discovery(new URL(issuer), clientId, clientSecret, undefined, {
        execute: issuer.startsWith("http:") ? [client.allowInsecureRequests] : [],
      })
      .catch((error) => {
        discovered = undefined;
        throw error;
      }));

  /** @param wish whose people, who, and where to go afterwards; by default as this application is set up */
  async function beginSignIn(session, wish = { organization: organizationId }) {
    const [verifier, state, nonce] = [
      client.randomPKCECodeVerifier(),
      client.randomState(),
      client.randomNonce(),
    ];
    session.flow = { verifier, state, nonce, organization: wish.organization, target: wish.target ?? "/" };
    return client.buildAuthorizationUrl(await provider(), {
      redirect_uri: `${origin}/callback`,
      scope: "openid profile email",
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
      ...(wish.organization ? { organization_id: wish.organization } : {}),
      ...(wish.connection ? { connection: wish.connection } : {}),
      ...(wish.loginHint ? { login_hint: wish.loginHint } : {}),
    }).href;
  }

  /**
   * A sign-in that began elsewhere, such as at the tile in Microsoft's My Apps (OpenID Connect Core 4). Whoever leads
   * here may be anybody, so the provider must be ours, and the way afterwards must end here.
   */
  async function readInitiation(given) {
    if (given.get("iss") !== (await provider()).serverMetadata().issuer)
      return { problem: "That is another sign-in service." };
    const organization = given.get("organization_id") ?? organizationId;
    if (organizationId && organization !== organizationId)
      return { problem: "That is another organization." };
    const asked = given.get("target_link_uri") ?? `${origin}/`;
    const target = URL.canParse(asked) ? new URL(asked) : undefined;
    if (target?.origin !== origin) return { problem: "That address is not of this application." };
    const [connection, loginHint] = [given.get("connection"), given.get("login_hint")];
    return { wish: { organization, connection, loginHint, target: target.href } };
  }

  async function finishSignIn(session, url) {
    const { flow } = session;
    delete session.flow;
    if (!flow) return { problem: "This sign-in is over. Begin anew." };
    try {
      const tokens = await client.authorizationCodeGrant(await provider(), url, {
        pkceCodeVerifier: flow.verifier,
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        idTokenExpected: true,
      });
      const { iss, sub, name, email, organization_id: organization } = tokens.claims();
      // Whom we asked for is who may come: another organization's people are other people.
      if (flow.organization && organization !== flow.organization)
        return { problem: "That is another organization." };
      session.user = {
        key: `${iss} ${sub}`,
        name: name ?? sub,
        email,
        organization,
        idToken: tokens.id_token,
      };
      return { target: flow.target };
    } catch (error) {
      return { problem: error.error_description ?? "The sign-in did not succeed. Try again." };
    }
  }

  async function answer(request, response) {
    const url = new URL(request.url, origin);
    const { id, session } = sessionOf(request, sessions);
    const cookie = cookieOf(id);
    const go = (to) => response.writeHead(303, { location: to, "set-cookie": cookie }).end();
    const show = (message) =>
      response
        .writeHead(message ? 400 : 200, {
          "content-type": "text/html; charset=utf-8",
          "cache-control": "no-store",
          "content-security-policy":
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
          "set-cookie": cookie,
        })
        .end(page(session.user, notesOf.get(session.user?.key) ?? [], message));
    const route = `${request.method} ${url.pathname}`;
    if (route === "GET /") return show();
    if (route === "GET /login") return go(await beginSignIn(session));
    if (route === "GET /initiate" || route === "POST /initiate") {
      const given = request.method === "GET" ? url.searchParams : new URLSearchParams(await bodyOf(request));
      const { problem, wish } = await readInitiation(given);
      return problem ? show(problem) : go(await beginSignIn(session, wish));
    }
    if (route === "GET /callback") {
      const { problem, target } = await finishSignIn(session, url);
      if (problem) return show(problem);
      // A new session id, so that nobody who knew the old one comes along.
      sessions.delete(id);
      const renewed = newId();
      sessions.set(renewed, session);
      return response.writeHead(303, { location: target, "set-cookie": cookieOf(renewed) }).end();
    }
    // Another site's form would come without our origin.
    if (request.method === "POST" && request.headers.origin !== origin) return response.writeHead(403).end();
    if (route === "POST /notes" && session.user) {
      const text = new URLSearchParams(await bodyOf(request)).get("text")?.trim();
      if (text) notesOf.set(session.user.key, [...(notesOf.get(session.user.key) ?? []), text.slice(0, 200)]);
      return go("/");
    }
    if (route === "POST /logout") {
      const idToken = session.user?.idToken;
      sessions.delete(id);
      if (!idToken) return go("/");
      const end = client.buildEndSessionUrl(await provider(), {
        id_token_hint: idToken,
        post_logout_redirect_uri: `${origin}/`,
      });
      return go(end.href);
    }
    response.writeHead(404).end();
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(502, { "content-type": "text/plain" });
      response.end("The sign-in service cannot be reached. Try again.");
    });
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const origin = `http://localhost:${server.address().port}`;
  return {
    origin,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function sessionOf(request, sessions) {
  const given = new RegExp(`(?:^|; )${cookieName}=([\\w-]{43})(?:;|$)`).exec(
    request.headers.cookie ?? "",
  )?.[1];
  const known = given === undefined ? undefined : sessions.get(given);
  if (known) return { id: given, session: known };
  const [id, session] = [newId(), {}];
  if (sessions.size >= sessionsMax) sessions.delete(sessions.keys().next().value);
  sessions.set(id, session);
  return { id, session };
}

async function bodyOf(request) {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > bodyBytesMax) break;
  }
  return text;
}

const escaped = (text) => String(text).replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);

function page(user, notes, message) {
  const inside = user
    ? `<p>You are <strong>${escaped(user.name)}</strong>${user.email ? ` (${escaped(user.email)})` : ""} of ${escaped(user.organization)}.</p>
      <ul>${notes.map((note) => `<li>${escaped(note)}</li>`).join("")}</ul>
      <form method="post" action="/notes"><label>New note <input name="text" maxlength="200" required></label> <button>Add</button></form>
      <form method="post" action="/logout"><button class="plain">Sign out</button></form>`
    : `<p>Your notes, for you alone.</p><p><a class="button" href="/login">Sign in with Microsoft</a></p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Notes</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 36rem; margin: 3rem auto; padding: 0 1rem; }
  .button, button { font: inherit; padding: .5rem 1rem; border-radius: .5rem; border: 1px solid #1f6f4a; background: #1f6f4a; color: #fff; text-decoration: none; }
  .plain { background: transparent; color: inherit; }
  form { margin: 1rem 0; }
  input { font: inherit; padding: .4rem; }
  [role="alert"] { border-left: 4px solid #a1241d; padding-left: 1rem; }
</style>
</head>
<body>
<h1>Notes</h1>
${message ? `<p role="alert">${escaped(message)}</p>` : ""}
${inside}
</body>
</html>`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const {
    ISSUER: issuer,
    CLIENT_ID: clientId,
    CLIENT_SECRET: clientSecret,
    ORGANIZATION_ID: organizationId,
  } = process.env;
  if (!issuer || !clientId || !clientSecret) {
    process.stderr.write("Set ISSUER, CLIENT_ID and CLIENT_SECRET.\n");
    process.exit(2);
  }
  const { origin } = await startNotes({
    issuer,
    clientId,
    clientSecret,
    organizationId,
    port: Number(process.env.PORT ?? 3002),
  });
  process.stdout.write(`Notes: ${origin}/\n`);
}
