import { hostSolve, type Tensor } from "@steelyard/core";

/** The numbers of a step, exact in f64, before anything of it is committed. */
export interface StepNumbers {
  readonly losses: readonly number[];
  /** The weights as the strategy gave them, and as they multiplied the losses. */
  readonly proposed: readonly number[];
  readonly applied: readonly number[];
  readonly total: number;
  /** The strategy's own objective and Σ|∂objective/∂Ψ|, where it has one. */
  readonly own: { readonly objective: number; readonly pull: number } | null;
}

/** The same before they are numbers. */
export interface StepTensors {
  readonly losses: Tensor;
  readonly proposed: Tensor;
  readonly applied: Tensor;
  readonly total: Tensor;
  readonly own: { readonly objective: Tensor; readonly pull: Tensor } | null;
}

/**
 * The applied weights, once their step has been admitted. The numbers come to the host in the middle of the plan, after
 * the forward and before anything is overwritten; when `admit` throws, the whole commit fails and leaves every Variable
 * as it was, also those that the caller's forward assigned (batch statistics, say). One plan, one forward, no second
 * look.
 */
export function gate(
  { losses, proposed, applied, total, own }: StepTensors,
  admit: (numbers: StepNumbers) => void,
): Tensor {
  const inputs = [losses, proposed, applied, total, ...(own === null ? [] : [own.objective, own.pull])];
  const dtype = applied.dtype === "f64" ? "f64" : "f32";
  const solve = (...[loss, asked, weight, sum, objective, pull]: Float64Array[]): Float64Array[] => {
    admit({
      losses: [...loss!],
      proposed: [...asked!],
      applied: [...weight!],
      total: sum![0]!,
      own: objective === undefined ? null : { objective: objective[0]!, pull: pull![0]! },
    });
    return [weight!];
  };
  return hostSolve(inputs, [applied.shape], solve, { dtype })[0]!;
}
