/** Closes a switch over a union: it does not compile while a case is missing. */
export function unreachable(value: never): never {
  throw new TypeError(`unexpected case ${String(value)}`);
}
