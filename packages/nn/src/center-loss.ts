import {
  cast,
  equal,
  gather,
  notEqual,
  ones,
  scatterAdd,
  shapeError,
  showShape,
  stopGradient,
  where,
  zeros,
} from "@steelyard/core";
import type { Tensor, Variable } from "@steelyard/core";
import { maskedMean } from "./masked-mean.ts";

/** How the centres move, and which samples count. */
export interface CenterLossOptions {
  /** α, how far the centres move towards the mean of their samples; 0.5 when left out, and 0 leaves them alone. */
  readonly rate?: number;
  /** [N], bool or f32: which samples count, or how much. */
  readonly mask?: Tensor;
}

/**
 * The mean over the samples of ½‖f_n − c_label‖², which draws embeddings of a class together: embedding [N, D], labels
 * i32 [N], centres [classes, D] → scalar. The centres are constants to the gradient.
 *
 * They move by a rule of their own, recorded for the next `step`: c ← c − α·mean(c − f_n over the samples of the
 * class); a class without samples stays. Make them with
 * `new Variable(zeros([classes, dimension]), { trainable: false })`.
 *
 * Source: Wen et al., "A discriminative feature learning approach for deep face recognition" (ECCV 2016), equations 2
 * to 4, where the sum over a class is divided by 1 + its count; here by the count, so that α = 1 is the class mean.
 *
 * @throws ShapeError when the shapes do not fit together
 * @example const loss = crossEntropy(logits, y).add(centerLoss(features, y, centres).mul(0.1));
 */
export function centerLoss(
  embedding: Tensor,
  labels: Tensor,
  centres: Variable,
  { rate = 0.5, mask }: CenterLossOptions = {},
): Tensor {
  checkShapes(embedding, labels, centres, mask);
  const counted = mask === undefined ? embedding : where(notEqual(mask, 0).expandDims(-1), embedding, 0);
  const nearest = gather(centres, labels);
  const loss = maskedMean(counted.sub(stopGradient(nearest)).square().sum(1).mul(0.5), mask);
  if (rate !== 0) move(centres, { counted, nearest, labels, mask, rate });
  return loss;
}

interface Move {
  readonly counted: Tensor;
  readonly nearest: Tensor;
  readonly labels: Tensor;
  readonly mask: Tensor | undefined;
  readonly rate: number;
}

/** One scatter into the centres: each sample pulls its own by α·(f − c), divided by the count of its class. */
function move(centres: Variable, { counted, nearest, labels, mask, rate }: Move): void {
  const weights = mask === undefined ? ones(labels.shape, centres.dtype) : cast(mask, centres.dtype);
  const counts = gather(scatterAdd(zeros([centres.shape[0]!], centres.dtype), labels, weights), labels);
  const share = where(equal(counts, 0), 0, weights.div(where(equal(counts, 0), 1, counts)));
  const pull = counted.sub(nearest).mul(share.mul(rate).expandDims(-1));
  centres.assign(scatterAdd(centres.next, labels, pull));
}

function checkShapes(embedding: Tensor, labels: Tensor, centres: Variable, mask: Tensor | undefined): void {
  const [samples, size] = embedding.shape;
  const perSample = [labels, ...(mask === undefined ? [] : [mask])];
  const fits = embedding.rank === 2 && centres.shape.length === 2 && centres.shape[1] === size;
  if (fits && perSample.every(({ shape }) => shape.length === 1 && shape[0] === samples)) return;
  const got = [embedding, centres, ...perSample].map(({ shape }) => showShape(shape)).join(", ");
  throw shapeError("centerLoss", "embedding [N, D], centres [classes, D], labels [N] and, if any, a mask [N]", got);
}
