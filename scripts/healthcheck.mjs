// node scripts/healthcheck.mjs [PORT [PATH]]: exit 0 where this container's process answers that it lives (/healthz), or
// is ready (/readyz).
const [port = process.env.PORT ?? "3000", path = "/healthz"] = process.argv.slice(2);
const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(4000) }).catch(
  () => undefined,
);
process.exit(answer?.ok ? 0 : 1);
