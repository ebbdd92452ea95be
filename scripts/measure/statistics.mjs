/** The value below which `share` of the sorted numbers lie, rounded. */
export function percentile(numbers, share) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
}

export const median = (numbers) => percentile(numbers, 0.5);

/** `p50 / p95`, in the unit of the numbers. */
export const spread = (numbers) => `${median(numbers)} / ${percentile(numbers, 0.95)}`;

/** Runs `work(0 … count-1)`, at most `inFlight` at once; what each gives, in the order of their ends. */
export async function inParallel(count, inFlight, work) {
  const results = [];
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const number = next;
      next += 1;
      results.push(await work(number));
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, lane));
  return results;
}

export async function timed(work) {
  const begunMs = performance.now();
  const value = await work();
  return { value, ms: performance.now() - begunMs };
}
