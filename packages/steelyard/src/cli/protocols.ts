import { SteelyardError } from "@steelyard/core";
import { cmuProblems, loadCmuFaces, renderedProblem, type FaceProblem } from "@steelyard/faces";
import type { TrainOptions } from "./options.ts";

/** One honest way to score some tasks. Its problems are folds of the same data: their scores are pooled. */
export interface Protocol {
  readonly name: string;
  readonly problems: readonly FaceProblem[];
}

/**
 * What the options ask to train on. Depends on the options alone, so that every thread makes the same.
 *
 * @throws DataError for data that is missing or damaged
 * @throws UsageError for photographs of one person only
 */
export async function loadProtocols(options: TrainOptions): Promise<readonly Protocol[]> {
  const { root, seed, people, samples, size, preset, folds } = options;
  if (root === null) {
    const problem = renderedProblem({ seed, people, samples, size, preset });
    return [{ name: "rendered faces", problems: [problem] }];
  }
  const faces = await loadCmuFaces(root, { size: "half" });
  const known = faces.classes.identity;
  if (known.length < 2) {
    const needs = `photographs of at least two people in ${root}`;
    throw new SteelyardError({ code: "UsageError", who: "--root", needs, got: `those of ${known.join()}` });
  }
  const wanted = folds === "all" ? Infinity : folds;
  // The set's own protocol, as far as there are people enough.
  const problems = cmuProblems(faces, { height: size, folds: Math.min(5, known.length) });
  return [
    { name: "CMU faces, leave one pose out", problems: problems.identity.slice(0, wanted) },
    { name: "CMU faces, unseen people", problems: problems.people.slice(0, wanted) },
  ];
}

/**
 * Holds every problem against the size of a batch before the first one is trained: the last may have its turn in an hour.
 *
 * @throws UsageError when one has fewer images to train on
 */
export function requireBatches(protocols: readonly Protocol[], batch: number): void {
  for (const { name, train } of protocols.flatMap(({ problems }) => problems)) {
    if (train.count >= batch) continue;
    const needs = `no more than the ${train.count} images that are trained on in ${name}`;
    throw new SteelyardError({ code: "UsageError", who: "--batch", needs, got: String(batch) });
  }
}
