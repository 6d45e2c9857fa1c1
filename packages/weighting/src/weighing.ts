import {
  abs,
  and,
  cast,
  full,
  gradients,
  greater,
  hook,
  isFinite,
  min,
  mul,
  reshape,
  sameShape,
  showShape,
  stopGradient,
  sum,
  tensor,
  where,
  type Tensor,
  type Variable,
} from "@steelyard/core";
import { variables, type Optimiser } from "@steelyard/nn";
import type { OnDegenerate, Problem } from "./degenerate.ts";
import type { StepTensors } from "./gate.ts";
import { usageError } from "./options.ts";
import type { Strategy, WeighedStep, WeighStep } from "./strategy.ts";

/** All of a run that one weighing needs. */
export interface Run {
  readonly strategy: Strategy;
  readonly state: unknown;
  /** The optimiser of the state's trainable Variables, if the strategy has an objective. */
  readonly optimiser: Optimiser | null;
  readonly policy: OnDegenerate;
  /** The weights of the last committed step, [T]. */
  readonly previous: Variable;
}

/** The tensors of a weighing, before a plan computes them. */
export interface WeighedGraph extends StepTensors {
  /** What went wrong while the graph was built. */
  readonly early: readonly Problem[];
}

/**
 * The graph of one weighing: the strategy's weights, the total Σ w_i·L_i, and the next values of the strategy's own
 * Variables. The network's losses see the weights as constants; the strategy sees losses and features as constants.
 */
export function weighLosses(
  run: Run,
  losses: Tensor,
  features: Tensor | null,
  about: Omit<WeighStep, "losses" | "features">,
): WeighedGraph {
  const { strategy, state, policy } = run;
  const attached = strategy.detachWeights === false;
  const early: Problem[] = [];
  let usable: Tensor | null = null;
  // Attached features lead a gradient to the trunk: none where the weights had to be replaced. The sweep that calls
  // this runs when the weights are there.
  const guard = (dZ: Tensor): Tensor => (usable === null || policy === "throw" ? dZ : where(usable, dZ, 0));
  const seen = features === null ? null : attached ? hook(features, guard) : stopGradient(features);
  const step = stepOf(strategy.name, { ...about, losses: stopGradient(losses) }, seen);

  const asked = attempt("strategy", early, () => asWeights(strategy.weigh(step, state).weights, losses));
  const instead = policy === "previous" ? run.previous.value : full(losses.shape, 1 / about.taskCount, losses.dtype);
  const proposed = asked ?? instead;
  usable = allFinite(proposed);
  const chosen = policy === "throw" ? proposed : where(usable, proposed, instead);
  const applied = attached ? chosen : stopGradient(chosen);
  const own = asked === null ? null : ownUpdate(run, Object.assign(step, { weights: asked }), usable, early);
  return { losses, proposed, applied, total: sum(mul(applied, losses)), own, early };
}

/** Without features, asking for them is an error; not enumerable, so that `{ ...step, losses }` does not ask. */
function stepOf(who: string, parts: Omit<WeighStep, "features">, features: Tensor | null): WeighStep {
  if (features !== null) return { ...parts, features };
  const get = (): never => {
    throw usageError(who, "the shared features", "none", "pass the step {losses, features}");
  };
  return Object.defineProperty(parts, "features", { get }) as WeighStep;
}

/** Records the next values of the strategy's own Variables: one step of its optimiser down its objective. */
function ownUpdate(run: Run, step: WeighedStep, usable: Tensor, early: Problem[]): StepTensors["own"] {
  const { strategy, state, optimiser, policy } = run;
  if (optimiser === null) return null;
  const objective = attempt("objective", early, () => asScalar(strategy.objective!(step, state)));
  if (objective === null) return null;
  const dOwn = gradients(objective, optimiser.parameters);
  optimiser.update(dOwn);
  const pull = dOwn.map((dV) => sum(abs(dV))).reduce((whole, part) => whole.add(part));
  // Under `throw` the gate keeps everything as it was; otherwise the network goes on and the strategy stands still.
  if (policy !== "throw") {
    const sound = and(usable, and(isFinite(objective), isFinite(pull)));
    for (const variable of variables({ state, optimiser }).values()) {
      if (variable.next !== variable.value) variable.assign(where(sound, variable.next, variable.value));
    }
  }
  return { objective, pull };
}

/**
 * What `build` gives, or null when it fails, which is noted. Errors of use — no features, a wrong option — are the
 * caller's and no degenerate step, so no policy hides them.
 */
function attempt(reason: "strategy" | "objective", early: Problem[], build: () => Tensor): Tensor | null {
  try {
    return build();
  } catch (cause) {
    if (cause instanceof WrongCount) early.push({ reason: "count", message: cause.message });
    else if (codeOf(cause) === "UsageError") throw cause;
    else
      early.push({ reason, message: `the error “${cause instanceof Error ? cause.message : String(cause)}”`, cause });
    return null;
  }
}

/** Weights for another number of tasks: told apart, as the event has a reason of its own for it. */
class WrongCount extends Error {}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}

/** What the strategy gave, as a tensor [T] of the losses' dtype. */
function asWeights(given: Tensor | readonly number[], { shape, dtype }: Tensor): Tensor {
  const weights = "node" in given ? given : tensor([...given], { dtype });
  if (!sameShape(weights.shape, shape)) {
    throw new WrongCount(`weights of shape ${showShape(weights.shape)} for ${shape[0]} tasks`);
  }
  return weights.dtype === dtype ? weights : cast(weights, dtype);
}

function asScalar(objective: Tensor): Tensor {
  if (objective.size === 1) return objective.rank === 0 ? objective : reshape(objective, []);
  throw new Error(`an objective of shape ${showShape(objective.shape)}, where a scalar is needed`);
}

/** Whether all elements are finite, as a bool scalar: the smallest of ones and zeros is 1. */
function allFinite(x: Tensor): Tensor {
  return greater(min(cast(isFinite(x), "f32")), 0);
}
