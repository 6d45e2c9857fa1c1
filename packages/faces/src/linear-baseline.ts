import { dataError } from "./data-error.ts";

export interface LinearBaselineOptions {
  /** Ridge penalty as a share of the mean variance of a feature; default 0.1. */
  readonly penalty?: number;
}

/** A linear classifier on raw pixels. */
export interface LinearClassifier {
  /**
   * The most likely class of each row of `features`, `[N, D] → [N]`.
   *
   * @throws DataError when the values are not rows of D
   */
  predict(features: ArrayLike<number>): Int32Array;
  /** Share of rows whose prediction equals the label. */
  accuracy(features: ArrayLike<number>, labels: ArrayLike<number>): number;
}

/**
 * Ridge regression of one-hot labels on pixels, the class being the largest output: what a task needs no network for.
 *
 * With centred features X `[N, D]` and centred one-hot targets Y `[N, K]` it solves `(X Xᵀ + λ I) A = Y`, then `W = Xᵀ A`:
 * the same W as `(Xᵀ X + λ I)⁻¹ Xᵀ Y`, whichever of the two square matrices is smaller. All in double precision, by Cholesky.
 * λ is `penalty · trace(Xᵀ X) / D`.
 *
 * Cost: `min(N, D)² · max(N, D)` multiplications; a few thousand images of 32 × 32 × 3 take some seconds.
 *
 * Source: Hoerl & Kennard, "Ridge regression" (1970), used as a classifier.
 *
 * @param features `[N, D]`, row-major
 * @param labels `[N]`, 0..classes − 1; a negative label marks a row without one, which is left out
 * @throws DataError when the sizes do not fit, or no row has a label
 */
export function linearBaseline(
  features: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  { penalty = 0.1 }: LinearBaselineOptions = {},
): LinearClassifier {
  const width = features.length / labels.length;
  if (!Number.isInteger(width) || width === 0) {
    throw dataError(
      "linearBaseline",
      "features of shape [N, D] for N labels",
      `${features.length} values and ${labels.length} labels`,
      "flatten each image into one row",
    );
  }
  if (!(penalty > 0))
    throw dataError(
      "linearBaseline",
      "a penalty above 0",
      String(penalty),
      "without one the solution need not be unique",
    );
  const kept = Array.from({ length: labels.length }, (_, i) => i).filter((i) => (labels[i] ?? -1) >= 0);
  if (kept.length === 0)
    throw dataError("linearBaseline", "at least one label", "none", "negative labels mark rows without one");
  const mean = columnMeans(features, kept, width);
  const rows = kept.map((i) =>
    Float64Array.from({ length: width }, (_, k) => (features[i * width + k] ?? 0) - (mean[k] ?? 0)),
  );
  const targets = oneHot(
    kept.map((i) => labels[i] ?? 0),
    classes,
  );
  const share = targets.map((column) => column.reduce((sum, v) => sum + v, 0) / kept.length);
  for (const [c, column] of targets.entries())
    for (const i of column.keys()) column[i] = (column[i] ?? 0) - (share[c] ?? 0);
  const weights = solve(rows, targets, width, penalty);
  const predict = (tested: ArrayLike<number>): Int32Array => {
    if (tested.length % width !== 0) {
      const needs = `rows of ${width} features`;
      throw dataError("linearBaseline", needs, `${tested.length} values`, "test on what it was fitted to");
    }
    const row = new Float64Array(width);
    return Int32Array.from({ length: tested.length / width }, (_, i) => {
      for (let k = 0; k < width; k++) row[k] = (tested[i * width + k] ?? 0) - (mean[k] ?? 0);
      return largest(weights.map((column, c) => dot(column, row) + (share[c] ?? 0)));
    });
  };
  return {
    predict,
    accuracy: (tested, truth) => {
      const predicted = predict(tested);
      let right = 0;
      for (const [i, label] of predicted.entries()) if (label === truth[i]) right += 1;
      return right / predicted.length;
    },
  };
}

/** The weights of each class, `[K][D]`. */
function solve(
  rows: readonly Float64Array[],
  targets: readonly Float64Array[],
  width: number,
  penalty: number,
): readonly Float64Array[] {
  const trace = rows.reduce((sum, row) => sum + dot(row, row), 0);
  const lambda = Math.max((penalty * trace) / width, Number.MIN_VALUE * 2 ** 60);
  if (rows.length <= width) {
    const factor = cholesky(gram(rows), lambda);
    return targets.map((target) => combine(rows, substitute(factor, target), width));
  }
  const columns = Array.from({ length: width }, (_, k) => Float64Array.from(rows, (row) => row[k] ?? 0));
  const factor = cholesky(gram(columns), lambda);
  return targets.map((target) => substitute(factor, combine(rows, target, width)));
}

/** The inner products of all pairs, lower triangle. */
function gram(vectors: readonly Float64Array[]): Float64Array[] {
  return vectors.map((a, i) => Float64Array.from(vectors.slice(0, i + 1), (b) => dot(a, b)));
}

/** L with L Lᵀ = M + λ I, in place; M by its lower triangle. */
function cholesky(lower: Float64Array[], lambda: number): readonly Float64Array[] {
  for (const [i, row] of lower.entries()) {
    for (let j = 0; j <= i; j++) {
      const other = lower[j] ?? row;
      const rest = (row[j] ?? 0) + (i === j ? lambda : 0) - dot(row, other, j);
      row[j] = i === j ? Math.sqrt(rest) : rest / (other[j] ?? 1);
    }
  }
  return lower;
}

/** Solves L Lᵀ x = b by forward and backward substitution. */
function substitute(factor: readonly Float64Array[], target: Float64Array): Float64Array {
  const x = Float64Array.from(target);
  for (const [i, row] of factor.entries()) x[i] = ((x[i] ?? 0) - dot(row, x, i)) / (row[i] ?? 1);
  for (let i = factor.length - 1; i >= 0; i--) {
    const row = factor[i] ?? target;
    const value = (x[i] ?? 0) / (row[i] ?? 1);
    x[i] = value;
    // Column i of Lᵀ is row i of L: what x[i] contributes to the earlier equations is taken off now.
    for (let k = 0; k < i; k++) x[k] = (x[k] ?? 0) - (row[k] ?? 0) * value;
  }
  return x;
}

function combine(rows: readonly Float64Array[], coefficients: Float64Array, width: number): Float64Array {
  const sum = new Float64Array(width);
  for (const [i, row] of rows.entries()) {
    const factor = coefficients[i] ?? 0;
    for (let k = 0; k < width; k++) sum[k] = (sum[k] ?? 0) + factor * (row[k] ?? 0);
  }
  return sum;
}

function dot(a: Float64Array, b: Float64Array, length: number = a.length): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function columnMeans(features: ArrayLike<number>, rows: readonly number[], width: number): Float64Array {
  const mean = new Float64Array(width);
  for (const i of rows)
    for (let k = 0; k < width; k++) mean[k] = (mean[k] ?? 0) + (features[i * width + k] ?? 0) / rows.length;
  return mean;
}

function oneHot(labels: readonly number[], classes: number): Float64Array[] {
  const wrong = labels.find((label) => !Number.isInteger(label) || label >= classes);
  if (wrong !== undefined)
    throw dataError("linearBaseline", `labels below ${classes}`, String(wrong), "pass the number of classes");
  return Array.from({ length: classes }, (_, c) => Float64Array.from(labels, (label) => Number(label === c)));
}

function largest(values: readonly number[]): number {
  let best = 0;
  for (const [i, value] of values.entries()) if (value > (values[best] ?? 0)) best = i;
  return best;
}
