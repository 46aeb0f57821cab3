/** The order of the files of tests: what takes longest is begun first, and what needs the machine for itself is last. */
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { placeOf } from "./needs.ts";

// What is short comes before what is long, so that whoever needs the machine for a while does not wait long for it.
const isCluster = ({ project }: TestSpecification): number => Number(project.name === "cluster");

/** See the file's comment. */
export class TurnsSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => placeOf(a.moduleId) - placeOf(b.moduleId) || isCluster(a) - isCluster(b));
  }
}
