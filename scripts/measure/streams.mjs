import http from "node:http";
import { residentMiB } from "./cpu.mjs";
import { callStart, finishClick, newClicker, proveClick } from "./click.mjs";
import { inParallel, median, timed } from "./statistics.mjs";
import { printTable } from "./table.mjs";

const perRequest = 3;
const clicks = 7;

/** How long another person's click takes while so many event streams are open, beside none; and what a stream weighs. */
export async function measureStreams(stack, counts) {
  // The first clicks warm up.
  await clickMs(stack);
  const idleMs = await clickMs(stack);
  const idleMiB = residentMiB(stack.pids.api);
  const rows = [
    ["event streams open", "refused with 429", "click p50 in ms", "beside idle", "api MiB", "KiB a stream"],
    [0, 0, idleMs, "1.00 ×", idleMiB, ""],
  ];
  for (const count of counts) {
    const streams = await openStreams(stack, count);
    const ms = await clickMs(stack);
    const open = streams.filter((stream) => stream.isOpen).length;
    const refused = streams.filter((stream) => stream.isRefused).length;
    const miB = residentMiB(stack.pids.api);
    const each = Math.round(((miB - idleMiB) * 1024) / Math.max(open, 1));
    rows.push([open, refused, ms, `${(ms / idleMs).toFixed(2)} ×`, miB, each]);
    for (const stream of streams) stream.close();
    const afterMs = await clickMs(stack);
    rows.push(["0 again", 0, afterMs, `${(afterMs / idleMs).toFixed(2)} ×`, residentMiB(stack.pids.api), ""]);
  }
  printTable("Event streams", rows);
}

async function clickMs(stack) {
  const times = [];
  for (let click = 0; click < clicks; click += 1) {
    const clicker = await newClicker(stack);
    const { leg2 } = await proveClick(stack, clicker);
    times.push((await timed(() => finishClick(clicker, leg2))).ms);
  }
  return median(times);
}

/** Streams of requests that wait for their consent, three for each; each is open once its first event is here. */
async function openStreams(stack, count) {
  const streams = await inParallel(Math.ceil(count / perRequest), 16, async (number) => {
    const clicker = await newClicker(stack);
    const { id } = await (await callStart(stack, clicker)).json();
    const url = `${stack.origin}/v1/sso/microsoft/provisions/${id}/events`;
    const cookie = clicker.browser.cookieHeader(new URL(stack.origin).host);
    const own = Math.min(perRequest, count - number * perRequest);
    const those = Array.from({ length: own }, () => keepStream(url, cookie));
    await Promise.all(those.map((stream) => stream.first));
    return those;
  });
  return streams.flat();
}

/** As a browser keeps it: opened again a second after its minute is over. */
function keepStream(url, cookie) {
  const stream = { isOpen: false, isRefused: false, close: () => undefined };
  let isClosed = false;
  stream.first = new Promise((resolve, reject) => {
    const open = () => {
      if (isClosed) return;
      const request = http.get(url, { agent: false, headers: { cookie } }, (answer) => {
        answer.on("error", () => undefined);
        stream.isRefused = answer.statusCode !== 200;
        if (stream.isRefused) resolve();
        else answer.once("data", () => resolve((stream.isOpen = true)));
        answer.once("close", () => {
          stream.isOpen = false;
          setTimeout(open, 1000).unref();
        });
        answer.resume();
      });
      request.once("error", reject);
      stream.close = () => {
        isClosed = true;
        request.destroy();
      };
    };
    open();
  });
  return stream;
}
