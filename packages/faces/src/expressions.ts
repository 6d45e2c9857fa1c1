import { dataError } from "./data-error.ts";

/**
 * The one list of expressions used everywhere in this package, in the one order.
 *
 * Data sets name and number their expressions differently (FER2013 calls anger 0, CK+ calls neutral 0), so every loader
 * translates through a table here. A set with fewer expressions lists its own, names and order taken from here, and its
 * labels index that list.
 */
export const expressions: readonly Expression[] = [
  "neutral",
  "anger",
  "contempt",
  "disgust",
  "fear",
  "happiness",
  "sadness",
  "surprise",
];

export type Expression = "neutral" | "anger" | "contempt" | "disgust" | "fear" | "happiness" | "sadness" | "surprise";

/** The seven expressions most data sets agree on: all but contempt. */
export const sevenExpressions: readonly Expression[] = expressions.filter((name) => name !== "contempt");

/** What the CMU Face Images call their four expressions. */
export const cmuExpressions: Readonly<Record<CmuExpression, Expression>> = {
  neutral: "neutral",
  happy: "happiness",
  sad: "sadness",
  angry: "anger",
};

export type CmuExpression = "neutral" | "happy" | "sad" | "angry";

/**
 * The given expressions in canonical order, each once.
 *
 * @throws DataError for a name that is not in the list, a repeated name, or no name at all
 */
export function inCanonicalOrder(names: readonly string[]): readonly Expression[] {
  const unknown = names.find((name) => !expressions.some((known) => known === name));
  if (unknown !== undefined || names.length === 0 || new Set(names).size < names.length) {
    throw dataError(
      "expressions",
      `different names out of ${expressions.join(", ")}`,
      names.length === 0 ? "none" : names.join(", "),
      "translate the names of a data set first, and list each once",
    );
  }
  return expressions.filter((name) => names.includes(name));
}
