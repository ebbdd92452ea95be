import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Vitest takes one project after the other, by their names. Launching has the longest file of all, which would go on
 * alone when everything else has ended: it is begun first.
 */
export class LaunchFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isFirst = ({ project }: TestSpecification): boolean => project.name === "launch";
    return [...sorted.filter(isFirst), ...sorted.filter((file) => !isFirst(file))];
  }
}
