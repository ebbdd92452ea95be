/** Controls, format characters (joiners, direction marks), halves of surrogate pairs, private and unassigned characters. */
const unprintable = /\p{C}/u;
const unprintables = /\p{C}/gu;
/** Line ends and tabs are white space before they are control characters. */
const whiteSpace = /[^\S\ufeff]+|\u0085/g;
const idCharactersMax = 255;
/** Of why an operator did something. */
export const reasonUnitsMax = 500;
let graphemes: Intl.Segmenter | undefined;

/**
 * Text of others, made fit for display and storage: printable characters in NFC on one line, at most `unitsMax` UTF-16
 * units, cut between graphemes (Entra and HTML count UTF-16 units). Whatever comes in, it never throws; a second call
 * changes nothing. "" when nothing printable is left.
 */
export function cleanDisplay(text: string, unitsMax: number): string {
  const cleaned = text
    .replace(whiteSpace, " ")
    .replace(unprintables, "")
    .replace(/ {2,}/g, " ")
    .normalize("NFC")
    .trim();
  return cut(cleaned, unitsMax).trimEnd();
}

function cut(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) return text;
  // Made when it is needed: that takes 8 ms.
  graphemes ??= new Intl.Segmenter("und", { granularity: "grapheme" });
  let end = 0;
  for (const { index, segment } of graphemes.segment(text)) {
    if (index + segment.length > unitsMax) break;
    end = index + segment.length;
  }
  // One character under a heap of marks is longer than all that is allowed: cut the heap, but no pair of surrogates.
  return end > 0 ? text.slice(0, end) : text.slice(0, unitsMax).replace(/\p{Cs}$/u, "");
}

/** True for an id of another system, opaque to us: 1 to 255 printable characters, space included. */
export function isOpaqueId(text: string): boolean {
  // The characters are counted only where their units are in reach: the text may be megabytes.
  return (
    text !== "" &&
    text.length <= 2 * idCharactersMax &&
    Array.from(text).length <= idCharactersMax &&
    !unprintable.test(text) &&
    !/[\u2028\u2029]/.test(text)
  );
}

/**
 * True for text that a person wrote and that is kept as it is: no control characters other than line ends and tabs, and
 * no halves of surrogate pairs. PostgreSQL takes neither U+0000 (22021) nor, in jsonb, half a pair (22P02).
 */
export function isPlainText(text: string): boolean {
  return !/[^\P{Cc}\t\n\r]|\p{Cs}/u.test(text);
}
