import { dtypeError, sameShape, shapeError, showShape, stack, Tensor, toTensor } from "@steelyard/core";
import type { DType, Shape, TensorLike } from "@steelyard/core";
import { usageError } from "./options.ts";
import type { Task } from "./strategy.ts";

/** What the caller's forward gives the weighter. */
export interface StepInputs {
  /** One scalar for each task, or one tensor [T]: means over the samples that carry the task's label, 0 without any. */
  readonly losses: Tensor | readonly TensorLike[];
  /** The shared trunk features Z, [N, …featureShape]. */
  readonly features?: Tensor;
}

/**
 * The losses as one tensor [T].
 *
 * @throws UsageError, ShapeError or DTypeError when they are not what the weighter was made for
 */
export function stackLosses(who: string, losses: StepInputs["losses"], tasks: readonly Task[], dtype: DType): Tensor {
  const stacked = losses instanceof Tensor ? losses : stack(scalars(who, losses, tasks, dtype));
  if (!sameShape(stacked.shape, [tasks.length])) {
    throw shapeError(who, `losses ${showShape([tasks.length])}`, showShape(stacked.shape));
  }
  if (stacked.dtype === dtype) return stacked;
  throw dtypeError(who, `${dtype} losses`, stacked.dtype, "give the weighter the dtype of the losses");
}

function scalars(who: string, losses: readonly TensorLike[], tasks: readonly Task[], dtype: DType): Tensor[] {
  if (losses.length !== tasks.length) throw usageError(who, `${tasks.length} losses`, String(losses.length));
  return losses.map((each, i) => {
    const loss = toTensor(each, dtype);
    if (loss.rank === 0) return loss;
    const hint = "take the mean over the samples that carry the task's label";
    throw shapeError(who, "a scalar loss for each task", `${showShape(loss.shape)} for ${tasks[i]!.name}`, hint);
  });
}

/** The features, once their shape is known to be right; null without any. @throws ShapeError */
export function checkedFeatures(who: string, features: Tensor | undefined, expected: Shape | null): Tensor | null {
  if (features === undefined) return null;
  if (expected === null || sameShape(features.shape.slice(1), expected)) return features;
  throw shapeError(who, `features [N, ${expected.join(", ")}]`, showShape(features.shape));
}
