import {
  add,
  div,
  greater,
  matmul,
  maximum,
  mean,
  mul,
  norm,
  random,
  reshape,
  sizeOf,
  softmax,
  tensor,
  Variable,
  where,
  zeros,
  type Tensor,
  type TensorLike,
} from "@steelyard/core";
import { rmsProp, type Optimiser } from "@steelyard/nn";
import { oneOf, optionalFunction, positive, usageError, type OptionRule } from "../options.ts";
import type { InitContext, Source, Strategy, WeighStep } from "../strategy.ts";

// The weight unit of arXiv 1911.03281: one linear layer from the shared features to one logit for each task. Both the
// paper's method and its naive baseline are this unit; they differ in the objective alone.

/** Everything about the unit that can be chosen, but for its objective. */
export interface WeightUnitOptions {
  /** `normalised` clamps the weights to [w_min, w_max]; `raw` lets them run to winner-takes-all. */
  readonly logits: "normalised" | "raw";
  /** s, which multiplies the logits: the larger, the wider the clamp. */
  readonly scale: number;
  /** What makes losses of different kinds comparable before the unit compares them. The network's total stays raw. */
  readonly normalise: "none" | "initial" | "log-classes";
  /** Of the unit's own RMSProp. */
  readonly learningRate: number;
  /** Another optimiser for the unit, in place of RMSProp. */
  readonly optimiser: ((parameters: readonly Variable[]) => Optimiser) | undefined;
  /** `false`, as in the released code: the trunk also receives Σ L_i ∂w_i/∂Z. */
  readonly detachWeights: boolean;
}

/** The state: the layer, and what `normalise: "initial"` divides by. */
export interface WeightUnit {
  /** [F, T] */
  readonly weight: Variable;
  /** [T] */
  readonly bias: Variable;
  /** The first loss above 0 of each task; 0 until there was one. */
  readonly firstLosses: readonly number[];
}

type Rules<T> = { readonly [Name in keyof T]: OptionRule<T[Name]> };

/** The options' defaults, and what they may be. */
export const weightUnitRules: Rules<WeightUnitOptions> = {
  logits: oneOf("normalised", "raw"),
  scale: positive(1),
  normalise: oneOf("none", "initial", "log-classes"),
  learningRate: positive(0.1),
  optimiser: optionalFunction(),
  detachWeights: oneOf(true, false),
};

/** The paper of both strategies; `where` in it is for each to say. */
export const difficultySource: Source = {
  title: "Dynamic Multi-Task Learning for Face Recognition with Facial Expression",
  url: "https://arxiv.org/abs/1911.03281",
};

/** All of the strategy but its name and its objective. */
export function weightUnit(options: WeightUnitOptions): Omit<Strategy<WeightUnit>, "name" | "objective"> {
  const { learningRate, normalise, detachWeights } = options;
  return {
    laws: ["nonnegative", "sums-to-1"],
    // Functions are no plain data; the record says that there was one.
    options: { ...options, optimiser: options.optimiser === undefined ? "rmsProp" : "given" },
    detachWeights,
    init: (context) => {
      if (normalise === "log-classes") requireClasses(context);
      return initialUnit(context);
    },
    weigh: ({ features }, unit) => ({ weights: weightsFromLogits(unitLogits(features, unit), options) }),
    optimiser: options.optimiser ?? ((parameters) => rmsProp(parameters, { learningRate })),
    afterStep: ({ losses }, unit) => ({
      ...unit,
      firstLosses: unit.firstLosses.map((first, i) => (first > 0 ? first : losses[i]!)),
    }),
  };
}

/** W truncated normal of deviation 0.1, b = 0. W = 0 would not do: normalised logits have no direction there. */
function initialUnit({ featureShape, taskCount, dtype, key }: InitContext): WeightUnit {
  const draw = random.truncatedNormal(key, [sizeOf(featureShape), taskCount], { dtype });
  return {
    weight: new Variable(mul(draw, 0.1), { name: "weight" }),
    bias: new Variable(zeros([taskCount], dtype), { name: "bias" }),
    firstLosses: Array.from({ length: taskCount }, () => 0),
  };
}

/** a = norm(Z)·W + b, with Z: [N, …] flattened and l2-normalised for each sample; a: [N, T]. */
export function unitLogits(features: Tensor, { weight, bias }: { weight: TensorLike; bias: TensorLike }): Tensor {
  const rows = reshape(features, [features.shape[0]!, sizeOf(features.shape.slice(1))]);
  return add(matmul(unitRows(rows), weight), bias);
}

/**
 * w = mean over the batch of softmax(s·n(a)), n the identity for raw logits and a/max(|a|, 1e-12) over the tasks for
 * normalised ones; a: [N, T] → w: [T]. Raw weights reach 0 and 1; normalised ones stay within
 *
 *   w_max = e^{s√((T−1)/T)} / (e^{s√((T−1)/T)} + (T−1)·e^{−s/√(T(T−1))})
 *   w_min = e^{−s√((T−1)/T)} / (e^{−s√((T−1)/T)} + (T−1)·e^{s/√(T(T−1))})
 *
 * which for T = 2 and s = 1 is 0.8044 and 0.1956. w_max holds for every s; w_min, where the other tasks share the rest
 * equally, is the smallest weight there is for T = 2, and for s ≤ 2.4 at any T: beyond, other tasks that differ can
 * push a weight lower still (T = 3, s = 4: to 0.0033 instead of 0.0037). Near a = 0 the derivative of normalised logits
 * is up to 1e12.
 */
export function weightsFromLogits(
  logits: Tensor,
  { logits: kind, scale }: Pick<WeightUnitOptions, "logits" | "scale">,
): Tensor {
  const compared = kind === "normalised" ? unitRows(logits) : logits;
  return mean(softmax(mul(compared, scale)), 0);
}

/** Rows of length 1; a row of zeros stays one. */
function unitRows(x: Tensor): Tensor {
  return div(x, maximum(norm(x, -1, { keepDims: true }), 1e-12));
}

/** The losses as the unit compares them: raw, divided by their first value, or by log C, the loss of a guess; [T]. */
export function comparedLosses(
  { losses, tasks }: WeighStep,
  { firstLosses }: WeightUnit,
  { normalise }: Pick<WeightUnitOptions, "normalise">,
): Tensor {
  const { dtype } = losses;
  if (normalise === "none") return losses;
  if (normalise === "log-classes") {
    const guesses = tasks.map(({ classes = 2 }) => Math.log(classes));
    return div(losses, tensor(guesses, { dtype }));
  }
  // One graph for the first step and all others, so that there is one plan. A task without a labelled sample so far has
  // loss 0 and divides by 1.
  const first = tensor([...firstLosses], { dtype });
  return div(losses, where(greater(first, 0), first, where(greater(losses, 0), losses, 1)));
}

function requireClasses({ tasks }: InitContext): void {
  const odd = tasks.find(({ classes }) => classes === undefined || classes < 2);
  if (odd === undefined) return;
  const hint = 'weighter(strategy, { tasks: [{ name: "expression", classes: 7 }, …] })';
  throw usageError('normalise: "log-classes"', "two classes or more for each task", `task ${odd.name} without`, hint);
}
