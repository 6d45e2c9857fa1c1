import type { Tensor, TensorLike } from "@steelyard/core";
import type { Optimiser } from "@steelyard/nn";
import type { StepInputs } from "./inputs.ts";
import type { StepRecord } from "./record.ts";
import type { Weighter } from "./weighter.ts";

/** What one step needs: the inputs of `weigh`, and who follows them. */
export interface MultiTaskStep extends StepInputs {
  readonly weighter: Weighter;
  /** Of the network. It neither sees nor trains the strategy's parameters. */
  readonly optimiser: Optimiser;
  /** Changes the gradients before the optimiser gets them: clipping, say. */
  readonly adjust?: (gradients: readonly Tensor[]) => readonly Tensor[];
  /** Tensors to compute in the same plan, such as an accuracy. */
  readonly reads?: readonly TensorLike[];
}

/**
 * One training step over one forward: weigh the losses, follow ∂(Σ w_i·L_i)/∂Θ with the network's optimiser, let the
 * strategy follow its own objective, and commit everything together. The last three lines are all there is to it: a
 * loop with wishes of its own calls `weigh`, `gradients` and `commit` itself.
 *
 * @throws what `Weighed.commit` throws on a degenerate step; no Variable has changed then
 * @example
 * const losses = [loss, otherLoss];
 * const { weights } = await multiTaskStep({ weighter: balance, optimiser, losses, features });
 */
export async function multiTaskStep(options: MultiTaskStep): Promise<StepRecord> {
  const { weighter, optimiser, adjust = (same) => same, reads = [], ...inputs } = options;
  const weighed = weighter.weigh(inputs);
  optimiser.update([...adjust(weighed.gradients(optimiser.parameters))]);
  return weighed.commit(...reads);
}
