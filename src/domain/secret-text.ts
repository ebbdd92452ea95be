/**
 * A plaintext secret in memory. It refuses to be printed, logged or serialised: template strings and `inspect` show
 * `[secret]`, `JSON.stringify` throws, so Temporal's payload converter refuses it too. `reveal()` is the one way out.
 */
export class SecretText {
  readonly #read: () => string;

  /** @param secret the text, or what gives the one that holds now: for a secret that is replaced while it is used */
  constructor(secret: string | (() => string)) {
    if (secret === "") throw new TypeError("a secret must not be empty");
    this.#read = typeof secret === "string" ? () => secret : secret;
  }

  /** The plaintext. Call it where the secret is used, never to store or pass it on. */
  reveal(): string {
    return this.#read();
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): never {
    throw new TypeError("a secret cannot be serialised");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[secret]";
  }
}
