import { CancellationScope } from "@temporalio/workflow";

/**
 * Does both at once. When one fails, the other is cancelled and waited for: whoever records the failure then finds
 * nothing that still writes.
 * @throws what failed first
 */
export function sideBySide<A, B>(one: () => Promise<A>, other: () => Promise<B>): Promise<[A, B]> {
  return CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    const failures: unknown[] = [];
    const noted = async <T>(work: Promise<T>): Promise<T> => {
      try {
        return await work;
      } catch (error) {
        failures.push(error);
        scope.cancel();
        throw error;
      }
    };
    const [first, second] = await Promise.allSettled([noted(one()), noted(other())]);
    if (first.status === "rejected" || second.status === "rejected") throw failures[0];
    return [first.value, second.value];
  });
}
