import { full, gradients, shapeError, showSpec, step, valueError, Variable, withPath } from "@steelyard/core";
import type { Tensor, TensorLike } from "@steelyard/core";

/** Slot Variables by slot and parameter name; as a tree, their paths read `momentum.trunk.conv1.weight`. */
export type Slots = Readonly<Record<string, Readonly<Record<string, Variable>>>>;

/** Trains the parameters it was made with. Its whole state is in `slots`, but for the learning rate. */
export interface Optimiser {
  readonly parameters: readonly Variable[];
  /** A tree, to be saved with the model. Parameters are known by the names they had when the optimiser was made. */
  readonly slots: Slots;
  /** May be changed from step to step: a runtime number, never part of a plan. */
  learningRate: number;
  /**
   * Records the next value of every parameter and slot, to be committed by `step` of core.
   *
   * @param gradients one for each parameter, in their order
   * @throws ShapeError when their number or shapes differ; nothing is recorded then
   * @throws ValueError when the learning rate has become NaN, infinite or negative; nothing is recorded then
   */
  update(gradients: readonly Tensor[]): void;
  /** One training step: ∂loss/∂parameters, `update`, and the commit, which computes the loss and the reads as well. */
  step(loss: Tensor, ...reads: TensorLike[]): Promise<void>;
}

/** λ: one number, or one for each parameter, such as `(p) => (p.shape.length > 1 ? 5e-5 : 0)`. */
export type WeightDecay = number | ((parameter: Variable) => number);

/** What one step knows, whatever the parameter. */
export interface Moment {
  readonly learningRate: number;
  /** t = 1, 2, … as an f32 scalar, kept for rules with `counts` only. */
  readonly time: Tensor;
}

/** What it knows of one parameter. */
export interface Weight {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  readonly slots: Readonly<Record<string, Tensor>>;
  /** λ of this parameter; 0 without weight decay. */
  readonly weightDecay: number;
}

/** An algorithm as a pure function of tensors. The built-in optimisers are rules, and so can yours be. */
export interface Rule {
  readonly name: string;
  /** The slots of each parameter, and the number they start with. */
  readonly slots: Readonly<Record<string, number>>;
  /** Count the steps, for `moment.time`; false when left out. */
  readonly counts?: boolean;
  /** What all parameters share comes first; then, for each of them, the values after the step. */
  at(moment: Moment): (weight: Weight) => Pick<Weight, "parameter" | "slots">;
}

/**
 * Makes an optimiser of a rule: the only place where slots are made and updates assigned.
 *
 * @throws ValueError when the learning rate or a weight decay is not a finite number ≥ 0
 */
export function optimiserOf(
  rule: Rule,
  parameters: readonly Variable[],
  { learningRate, weightDecay = 0 }: { readonly learningRate: number; readonly weightDecay?: WeightDecay },
): Optimiser {
  requireStrength(rule.name, "learningRate", learningRate);
  const time = new Variable(0, { name: "count.time", trainable: false });
  const trained = trainedBy(rule, parameters, weightDecay);
  const optimiser: Optimiser = {
    parameters,
    slots: slotTree(rule, trained, time),
    learningRate,
    update(given) {
      checkGradients(rule.name, parameters, given);
      requireStrength(rule.name, "learningRate", optimiser.learningRate);
      withPath(rule.name, () => {
        const now = time.value.add(1);
        if (rule.counts === true) time.assign(now);
        const next = rule.at({ learningRate: optimiser.learningRate, time: now });
        for (const [i, { variable, slots, strength }] of trained.entries()) {
          const values = mapValues(slots, (slot) => slot.value);
          const after = next({ parameter: variable.value, gradient: given[i]!, slots: values, weightDecay: strength });
          variable.assign(after.parameter);
          for (const [slot, cell] of Object.entries(slots)) cell.assign(after.slots[slot]!);
        }
      });
    },
    async step(loss, ...reads) {
      optimiser.update(gradients(loss, parameters));
      await step(loss, ...reads);
    },
  };
  return optimiser;
}

/** A parameter with what an optimiser keeps about it. */
interface Trained {
  readonly variable: Variable;
  /** The key of its slots. */
  readonly name: string;
  readonly slots: Readonly<Record<string, Variable>>;
  /** λ */
  readonly strength: number;
}

function trainedBy(rule: Rule, parameters: readonly Variable[], weightDecay: WeightDecay): Trained[] {
  const names = distinctNames(parameters);
  return parameters.map((variable, i) => {
    const name = names[i]!;
    const strength = typeof weightDecay === "number" ? weightDecay : weightDecay(variable);
    requireStrength(rule.name, "weightDecay", strength);
    const entries = Object.entries(rule.slots).map(([slot, start]) => {
      const first = full(variable.shape, start, variable.dtype);
      return [slot, new Variable(first, { name: `${slot}.${name}`, trainable: false })] as const;
    });
    return { variable, name, slots: Object.fromEntries(entries), strength };
  });
}

function slotTree(rule: Rule, trained: readonly Trained[], time: Variable): Slots {
  const bySlot = mapValues(rule.slots, (_, slot) => {
    return Object.fromEntries(trained.map(({ name, slots }) => [name, slots[slot]!]));
  });
  return rule.counts === true ? { ...bySlot, count: { time } } : bySlot;
}

/** Names key the slots, so parameters that share one are told apart by their position. */
export function distinctNames(parameters: readonly Variable[]): string[] {
  const names = parameters.map(({ name }) => name);
  const taken = new Set(names);
  return names.map((name, i) => {
    if (names.indexOf(name) === names.lastIndexOf(name)) return name;
    let own = `${name}.${i}`;
    // Among w, w and w.1 the second w cannot be w.1.
    while (taken.has(own)) own += `.${i}`;
    taken.add(own);
    return own;
  });
}

/** Checked before anything is recorded, so that a wrong call leaves nothing behind. */
function checkGradients(who: string, parameters: readonly Variable[], given: readonly Tensor[]): void {
  if (given.length !== parameters.length) {
    throw shapeError(who, `a gradient for each of ${parameters.length} parameters`, String(given.length));
  }
  for (const [i, parameter] of parameters.entries()) {
    const [needs, got] = [showSpec(parameter), showSpec(given[i]!)];
    if (needs !== got) throw shapeError(who, `a gradient ${needs} for ${parameter.name}`, got);
  }
}

function requireStrength(who: string, option: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw valueError(who, `${option}: a finite number ≥ 0`, String(value));
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, f: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value, key)]));
}
