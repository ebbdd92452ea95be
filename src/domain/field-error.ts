/** What is wrong with one part of an input: `path` is its name, "" for the whole, and `reason` says what it must be. */
export interface FieldError {
  readonly path: string;
  readonly reason: string;
}
