import { readFileSync } from "node:fs";
import { SecretText } from "../domain/secret-text.ts";
import { secretFile } from "./secret-file.ts";

/** All problems of a configuration at once, each with its fix. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n${problems.map((p) => `  - ${p}`).join("\n")}`,
    );
    this.problems = problems;
  }
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** Reads variables and collects what is wrong with them; no message ever holds a value. */
export class Environment {
  readonly #variables: Variables;
  readonly #problems: string[] = [];

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  /** The value of `NAME`, or the content of the file that `NAME_FILE` names; undefined when neither is set. */
  optional(name: string): string | undefined {
    const value = this.#variables[name]?.trim();
    const file = this.#variables[`${name}_FILE`]?.trim();
    if (value && file) this.problem(name, `and ${name}_FILE are both set; keep one`);
    if (value) return value;
    if (!file) return undefined;
    try {
      const content = readFileSync(file, "utf8").trim();
      if (content === "") this.problem(`${name}_FILE`, "names an empty file; write the value into it");
      return content || undefined;
    } catch {
      this.problem(`${name}_FILE`, "names a file that cannot be read; check the path and its owner");
      return undefined;
    }
  }

  /** Like `optional`, as a secret; where a file holds it, it is read again whenever the file changes. */
  secret(name: string): SecretText | undefined {
    const text = this.optional(name);
    if (text === undefined) return undefined;
    const file = this.#variables[`${name}_FILE`]?.trim();
    return new SecretText(file ? secretFile(file, text) : text);
  }

  /** The value of `NAME` itself: for what is a file's name, and no secret. */
  plain(name: string): string | undefined {
    return this.#variables[name]?.trim() || undefined;
  }

  /** Like `optional`; when unset, notes the problem and gives a placeholder that never leaves this folder. */
  required(name: string, fix: string): string {
    const value = this.optional(name);
    if (value === undefined) this.problem(name, `is not set; ${fix}`);
    return value ?? "";
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const value = this.optional(name);
    if (value === undefined) return fallback;
    const match = allowed.find((option) => option === value);
    if (match === undefined) this.problem(name, `must be one of ${allowed.join(", ")}`);
    return match ?? fallback;
  }

  wholeNumber(name: string, fallback: number, range: { min: number; max: number }): number {
    const value = this.optional(name);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= range.min && number <= range.max) return number;
    this.problem(name, `must be a whole number from ${range.min} to ${range.max}`);
    return fallback;
  }

  list(name: string): string[] {
    return (this.optional(name) ?? "")
      .split(",")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== "");
  }

  problem(name: string, what: string): void {
    this.#problems.push(`${name} ${what}`);
  }

  /** @throws {ConfigError} when anything was wrong */
  finish(): void {
    if (this.#problems.length > 0) throw new ConfigError(this.#problems);
  }
}
