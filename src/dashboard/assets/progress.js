// Keeps the progress page live: server-sent events first, polling where they fail. Without script the page reloads
// itself. All texts come from the server; this file only puts them in place.
const root = document.querySelector("[data-progress]");
const hint = document.querySelector("[data-hint]");
const lost = document.querySelector("[data-lost]");
const pollEveryMs = 2000;
const failuresBeforePolling = 3;
let failures = 0;

function show(view) {
  lost.hidden = true;
  if (hint.textContent !== view.hint) hint.textContent = view.hint;
  for (const step of view.steps) {
    const item = root.querySelector(`[data-step="${step.name}"]`);
    if (!item) continue;
    item.dataset.state = step.state;
    item.querySelector(".state").textContent = step.text;
  }
  if (view.location) window.location.replace(view.location);
}

async function poll() {
  try {
    const answer = await fetch(window.location.pathname, { headers: { accept: "application/json" } });
    if (answer.ok) {
      const view = await answer.json();
      show(view);
      if (view.location) return;
    } else if (answer.status === 404) {
      window.location.reload();
      return;
    } else lost.hidden = false;
  } catch {
    lost.hidden = false;
  }
  setTimeout(() => void poll(), pollEveryMs);
}

function listen() {
  const events = new EventSource(`${window.location.pathname}/events`);
  events.addEventListener("progress", (event) => {
    failures = 0;
    const view = JSON.parse(event.data);
    if (view.location) events.close();
    show(view);
  });
  events.addEventListener("error", () => {
    // Refused (429: other tabs have all streams there are) and not to come back by itself; asking may well succeed.
    if (events.readyState === EventSource.CLOSED) {
      void poll();
      return;
    }
    lost.hidden = false;
    failures += 1;
    // A proxy may swallow streams.
    if (failures >= failuresBeforePolling) {
      events.close();
      void poll();
    }
  });
}

if ("EventSource" in window) listen();
else void poll();

// Back from the browser's cache: the picture is old.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
