// One organization's people press the button without end, a process of its own: node flood.mjs, with its calls in FLOOD.
// Prints a line once it has begun.
const { origin, orgId, token, inFlight } = JSON.parse(process.env.FLOOD);
const headers = { authorization: `Bearer ${token}`, origin, "content-type": "application/json" };
let answers = 0;

async function press() {
  for (;;) {
    const answer = await fetch(`${origin}/v1/session/orgs/${orgId}/ms-provision/start`, {
      method: "POST",
      headers,
      body: "{}",
    });
    await answer.text();
    answers += 1;
    if (answers === inFlight) process.stdout.write("floods\n");
  }
}

process.on("SIGTERM", () => process.exit());
await Promise.all(Array.from({ length: inFlight }, press));
