/** One line of Prometheus's text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric and its samples; a histogram's carry `_bucket`, `_sum` and `_count` at the end of their names. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: Sample[];
}

const sampleShape = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const labelShape = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const escapes: Readonly<Record<string, string>> = { n: "\n" };
const numbers: Readonly<Record<string, number>> = { "+Inf": Infinity, "-Inf": -Infinity, NaN };

/**
 * Reads what `/metrics` says, ours and Temporal's.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/ (read November 2026)
 */
export function readPrometheusText(text: string): Family[] {
  const families = new Map<string, Family>();
  const helps = new Map<string, string>();
  let latest: Family | undefined;
  for (const line of text.split("\n")) {
    const [, word, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (word === "HELP") helps.set(name, rest);
    if (word === "TYPE") {
      latest = { name, help: helps.get(name) ?? "", type: rest.trim(), samples: [] };
      families.set(name, latest);
    }
    const sample = line.startsWith("#") ? undefined : readSample(line);
    if (sample && latest && sample.name.startsWith(latest.name)) latest.samples.push(sample);
  }
  return [...families.values()];
}

function readSample(line: string): Sample | undefined {
  const [, name, labelText = "", value] = sampleShape.exec(line) ?? [];
  if (name === undefined || value === undefined) return undefined;
  const labels: Record<string, string> = {};
  for (const [, label = "", escaped = ""] of labelText.matchAll(labelShape))
    labels[label] = escaped.replace(/\\(.)/g, (_, character: string) => escapes[character] ?? character);
  return { name, labels, value: numbers[value] ?? Number(value) };
}
