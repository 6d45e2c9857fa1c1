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
 */
export async function loadProtocols(options: TrainOptions): Promise<readonly Protocol[]> {
  const { root, seed, people, samples, size, preset, folds } = options;
  if (root === null) {
    const problem = renderedProblem({ seed, people, samples, size, preset });
    return [{ name: "rendered faces", problems: [problem] }];
  }
  const faces = await loadCmuFaces(root, { size: "half" });
  const wanted = folds === "all" ? Infinity : folds;
  // The set's own protocol, as far as there are people enough.
  const problems = cmuProblems(faces, { height: size, folds: Math.min(5, faces.classes.identity.length) });
  return [
    { name: "CMU faces, leave one pose out", problems: problems.identity.slice(0, wanted) },
    { name: "CMU faces, unseen people", problems: problems.people.slice(0, wanted) },
  ];
}
