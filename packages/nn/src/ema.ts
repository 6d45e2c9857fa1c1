import { cast, equal, realise, SteelyardError, step, valueError, Variable, where, zeros } from "@steelyard/core";
import type { Tensor } from "@steelyard/core";
import { distinctNames, type Slots } from "./optimiser.ts";
import { shortfall } from "./shortfall.ts";

/** A moving average of weights, which often tests better than the last weights. */
export interface Ema {
  readonly parameters: readonly Variable[];
  /** A tree, to be saved with the model. */
  readonly slots: Slots;
  /** Records one more term: the values the coming `step` will commit. Call it after the optimiser's `update`. */
  update(): void;
  /** The averages so far, in the order of the parameters; the committed parameters before the first update. */
  averages(): Tensor[];
  /**
   * Runs `work` with the averages in the parameters, and puts the trained values back, also when `work` fails. Train
   * and `update` outside only.
   */
  swapped<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * a ← d·a + (1 − d)·p over the steps, divided by 1 − dᵗ: a true weighted mean of the values seen, whatever t.
 *
 * TensorFlow's ExponentialMovingAverage starts at the first parameters instead and keeps dᵗ of them: with d = 0.9999
 * mostly the random initialisation for the first thousands of steps. After many more than 1/(1 − d) steps both agree.
 *
 * @throws ValueError unless 0 ≤ decay < 1
 * @example
 * const average = ema(optimiser.parameters, 0.9999);
 * optimiser.update(gradients(loss, optimiser.parameters));
 * average.update();
 * await step(loss);
 * const score = await average.swapped(() => accuracy(model.forward(x, evaluate), y).item());
 */
export function ema(parameters: readonly Variable[], decay: number): Ema {
  if (!(decay >= 0 && decay < 1)) throw valueError("ema", "a decay in [0, 1)", String(decay));
  const names = distinctNames(parameters);
  const time = new Variable(0, { name: "count.time", trainable: false });
  const sums = parameters.map(
    ({ shape, dtype }, i) => new Variable(zeros(shape, dtype), { name: `average.${names[i]!}`, trainable: false }),
  );
  let inside = false;
  const averages = (): Tensor[] => {
    const started = equal(time, 0).not();
    const missing = where(started, shortfall(decay, time.value), 1);
    return parameters.map((p, i) => where(started, sums[i]!.value.div(cast(missing, p.dtype)), p));
  };
  return {
    parameters,
    slots: { average: Object.fromEntries(sums.map((sum, i) => [names[i]!, sum])), count: { time } },
    averages,
    update() {
      if (inside) throw misuse("update outside of swapped", "a call inside");
      time.assign(time.next.add(1));
      for (const [i, p] of parameters.entries()) {
        sums[i]!.assign(sums[i]!.next.mul(decay).add(p.next.mul(1 - decay)));
      }
    },
    async swapped(work) {
      if (inside) throw misuse("one swap at a time", "a swap inside another");
      inside = true;
      // A realised handle keeps the old storage: the commit below cannot take it.
      const trained = parameters.map(({ value }) => value);
      await realise(...trained);
      try {
        await commit(parameters, averages());
        return await work();
      } finally {
        await commit(parameters, trained);
        trained.forEach((value) => value.dispose());
        inside = false;
      }
    },
  };
}

async function commit(parameters: readonly Variable[], values: readonly Tensor[]): Promise<void> {
  parameters.forEach((p, i) => p.assign(values[i]!));
  await step();
}

function misuse(needs: string, got: string): SteelyardError {
  return new SteelyardError({ code: "UsageError", who: "ema", needs, got });
}
