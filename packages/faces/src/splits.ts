import { dataError, wholeNumber } from "./data-error.ts";

/** Indices of the samples to train on and of those to test on; the two share none. */
export interface Split {
  readonly name: string;
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/**
 * Leave-one-class-out: one split per class of `labels`, tested on that class and trained on all others.
 *
 * With pose labels this is the identity protocol of the CMU faces: every person is known, the pose is not.
 *
 * @param names the name of each class; `labels[i]` indexes it
 * @throws DataError for a label without a name or a class without a sample
 */
export function leaveOneOut(labels: Int32Array, names: readonly string[]): readonly Split[] {
  const odd = labels.find((label) => !(label in names));
  if (odd !== undefined) {
    throw dataError("leaveOneOut", `labels below ${names.length}`, String(odd), "a label indexes the names");
  }
  return names.map((name, held) => split(`without ${name}`, labels, (label) => label === held));
}

/**
 * Subject-independent folds: the people are sorted by label and dealt out in turn, so that nobody is on both sides.
 *
 * Folds depend on the sorted labels alone, never on the order in which files were found.
 *
 * @param identity the person of each sample
 * @param folds how many splits to make, 2 to the number of people
 * @throws DataError for fewer than two folds or more folds than people
 */
export function subjectFolds(identity: Int32Array, folds: number): readonly Split[] {
  const people = [...new Set(identity)].toSorted((a, b) => a - b);
  wholeNumber("subjectFolds", "folds", folds, 2, "each person is tested in exactly one fold");
  if (folds > people.length) {
    throw dataError(
      "subjectFolds",
      `at most one fold for each of ${people.length} people`,
      `${folds} folds`,
      "ask for fewer folds",
    );
  }
  const foldOf = new Map(people.map((person, rank) => [person, rank % folds]));
  return Array.from({ length: folds }, (_, fold) =>
    split(`fold ${fold + 1} of ${folds}`, identity, (person) => foldOf.get(person) === fold),
  );
}

function split(name: string, labels: Int32Array, held: (label: number) => boolean): Split {
  const train = indicesWhere(labels, (label) => !held(label));
  const test = indicesWhere(labels, held);
  if (train.length === 0 || test.length === 0) {
    throw dataError(
      `split "${name}"`,
      "samples on both sides",
      `${train.length} to train on and ${test.length} to test on`,
      "load more of the data set, or choose another protocol",
    );
  }
  return { name, train, test };
}

/** The positions whose label satisfies `wanted`, ascending. */
export function indicesWhere(labels: Int32Array, wanted: (label: number, index: number) => boolean): Int32Array {
  const found: number[] = [];
  for (const [index, label] of labels.entries()) if (wanted(label, index)) found.push(index);
  return Int32Array.from(found);
}
