/**
 * A plaintext secret in memory. It refuses to be printed, logged or serialised: template strings and `inspect` show
 * `[secret]`, `JSON.stringify` throws, so Temporal's payload converter refuses it too. `reveal()` is the one way out.
 */
export class SecretText {
  readonly #text: string;

  constructor(text: string) {
    if (text.length === 0) throw new TypeError("a secret must not be empty");
    this.#text = text;
  }

  /** The plaintext. Call it where the secret is used, never to store or pass it on. */
  reveal(): string {
    return this.#text;
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
