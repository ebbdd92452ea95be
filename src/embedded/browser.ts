/** A browser small enough for the demo and the tests: cookies by host, redirects on request. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** What this browser sends to a host as `Cookie`. */
  cookieHeader(host: string): string {
    return Array.from(this.#cookies.get(host) ?? [], ([name, value]) => `${name}=${value}`).join("; ");
  }

  /** Sends one request with the cookies of its host; follows nothing. */
  async request(
    url: string | URL,
    init: Omit<RequestInit, "headers"> & { headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const { host } = new URL(url);
    const cookies = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, cookies);
    const cookie = this.cookieHeader(host);
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      headers: { ...init.headers, ...(cookie === "" ? {} : { cookie }) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  }

  /** Follows redirects up to the first URL that `isEnd` accepts, which is not requested; waits out refreshing pages. */
  async follow(response: Response, isEnd: (url: URL) => boolean): Promise<URL> {
    let [current, base] = [response, response.url];
    for (let hops = 0; hops < 400; hops += 1) {
      const location = current.headers.get("location");
      const refreshes =
        location === null && current.ok && /http-equiv="refresh"/.test(await current.clone().text());
      if (location === null && !refreshes)
        throw new Error(`no redirect from ${new URL(base).pathname} (HTTP ${current.status})`);
      const next = new URL(location ?? base, base);
      if (isEnd(next)) return next;
      if (refreshes) await new Promise((resolve) => setTimeout(resolve, 300));
      current = await this.request(next);
      base = next.href;
    }
    throw new Error("too many redirects");
  }

  /** Follows redirects to the end and gives the last answer. */
  async followAll(response: Response, headers: Record<string, string> = {}): Promise<Response> {
    let [current, base] = [response, response.url];
    for (let hops = 0; hops < 20; hops += 1) {
      const location = current.headers.get("location");
      if (location === null) return current;
      const next = new URL(location, base);
      current = await this.request(next, { headers });
      base = next.href;
    }
    throw new Error("too many redirects");
  }
}
