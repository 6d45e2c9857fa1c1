import {
  and,
  argMax,
  cast,
  equal,
  expandDims,
  greaterEqual,
  iota,
  less,
  logSoftmax,
  mean,
  neg,
  notEqual,
  sameShape,
  shapeError,
  showShape,
  valueError,
  where,
  type Tensor,
} from "@steelyard/core";
import { maskedMean } from "./masked-mean.ts";

/** Which samples count, and how sure a label is. */
export interface CrossEntropyOptions {
  /** [N], bool or f32: which samples count, or how much. Masked logits and labels may be anything. */
  readonly mask?: Tensor;
  /** ε in [0, 1): the target gives ε/C to every class and the rest to the label; 0 when left out. */
  readonly labelSmoothing?: number;
}

/**
 * The mean over the samples of −log softmax(logits)[label]: logits [N, C], labels i32 [N] → scalar. In nats.
 *
 * Never exponentiates a large number, so logits of any size are fine. The mean is over what the mask leaves, weighted
 * by it; when everything is masked the loss and its gradient are 0. A label outside 0 … C − 1 makes the loss NaN unless
 * masked, as in TensorFlow on a GPU; `labels` checks on the host.
 *
 * Label smoothing: Szegedy et al., arXiv 1512.00567, section 7.
 *
 * @throws ShapeError when the shapes do not fit together
 * @example const loss = crossEntropy(model.forward(x, evaluate), labels([3, 0, 6], 7));
 */
export function crossEntropy(
  logits: Tensor,
  labels: Tensor,
  { mask, labelSmoothing = 0 }: CrossEntropyOptions = {},
): Tensor {
  checkShapes("crossEntropy", logits, labels, mask);
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw valueError("crossEntropy", "labelSmoothing in [0, 1)", String(labelSmoothing));
  }
  const classes = logits.shape[1]!;
  // A masked NaN must not enter at all: its cotangent 0 times the infinite slopes behind it would be NaN again.
  const guarded = mask === undefined ? logits : where(expandDims(notEqual(mask, 0), -1), logits, 0);
  const logProbabilities = logSoftmax(guarded);
  const isLabel = equal(expandDims(labels, -1), iota([1, classes], 1));
  // A choice and no product: an excluded class has log-probability −∞, and 0 · ∞ is NaN.
  const ofLabel = neg(where(isLabel, logProbabilities, 0).sum(1));
  const isClass = and(greaterEqual(labels, 0), less(labels, classes));
  const exact = where(isClass, ofLabel, NaN);
  if (labelSmoothing === 0) return maskedMean(exact, mask);
  const uniform = neg(mean(logProbabilities, 1));
  return maskedMean(exact.mul(1 - labelSmoothing).add(uniform.mul(labelSmoothing)), mask);
}

/**
 * The share of samples whose largest logit is the label's: logits [N, C], labels i32 [N] → f32 scalar in 0 … 1. The
 * first of equal logits counts. With a mask the share of what it leaves, 0 when everything is masked. Has no gradient.
 *
 * @throws ShapeError when the shapes do not fit together
 */
export function accuracy(logits: Tensor, labels: Tensor, mask?: Tensor): Tensor {
  checkShapes("accuracy", logits, labels, mask);
  return maskedMean(cast(equal(argMax(logits, 1), labels), "f32"), mask);
}

function checkShapes(who: string, logits: Tensor, labels: Tensor, mask: Tensor | undefined): void {
  const perSample = [labels, ...(mask === undefined ? [] : [mask])];
  const samples = logits.shape.slice(0, 1);
  if (logits.rank === 2 && perSample.every(({ shape }) => sameShape(shape, samples))) return;
  const got = [logits, ...perSample].map(({ shape }) => showShape(shape));
  throw shapeError(who, "logits [N, C], labels [N] and, if any, a mask [N]", got.join(", "));
}
