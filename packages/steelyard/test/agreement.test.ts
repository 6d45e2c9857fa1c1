import process from "node:process";
import {
  defaultDevice,
  full,
  gradients,
  interpret,
  onWarning,
  random,
  runningErrorAlgebra,
  setDefaultDevice,
  step,
  tensor,
  type HostArray,
  type Tensor,
} from "@steelyard/core";
import { cpu } from "@steelyard/cpu";
import { FaceNet, renderedProblem } from "@steelyard/faces";
import { adam, crossEntropy, parameters, train, variables } from "@steelyard/nn";
import { webgpu, type WebGpuDevice } from "@steelyard/webgpu";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shortfall } from "../../nn/src/shortfall.ts";
import { functional, roundingOf, valuesOn, type Rounding } from "./rounding.ts";

// The CPU device and WebGPU compute the same training steps, each from the same state, and may differ by what rounding explains
// and by no more. What is smooth in its roundings (losses, moments, statistics) is held to the bound of rounding.ts, through
// sums of it under random signs. Adam's quotient is not smooth: of a gradient near 0 it is the sign. So the parameters are held
// to what each device's own moments make of them, number by number.
//
// A ReLU whose input is 0 but for rounding may be cut off on one device and not on the other; the gradient then differs by more
// than the bound knows. No step of these seeds meets one.

const problem = renderedProblem({ people: 4, unseenPeople: 1, samples: 14, validationImages: 28, size: 16, seed: 1 });
const [size, batch, steps] = [16, 4, 20];
const learningRate = 0.01;
const network = new FaceNet({
  inputShape: [size, size, 3],
  tasks: problem.tasks.map(({ name, classes }) => ({ name, classes: classes.length })),
  key: random.key(3),
  width: 4,
  hidden: 16,
});
const optimiser = adam(parameters(network), { learningRate });
const cells = [...variables([network, optimiser.slots]).values()];
const kept = cells.filter((cell) => !cell.trainable);

/** One step, recorded and not taken: its losses, then the next value of all that is kept beside the parameters. */
function smoothResults(index: number): Tensor[] {
  const chosen = Int32Array.from({ length: batch }, (_, i) => (13 * index + 5 * i) % problem.train.count);
  const images = tensor(problem.train.images(chosen), { shape: [batch, size, size, 3] });
  const { logits } = network.forward(images, train(random.key(index)));
  const losses = problem.tasks.map(({ name }, task) => {
    const labels = problem.train.labels.get(name)!;
    return crossEntropy(logits[task]!, tensor(chosen.map((i) => labels[i]!), { dtype: "i32" })); // prettier-ignore
  });
  const total = losses.reduce((sum, loss) => sum.add(loss)).div(losses.length);
  optimiser.update(gradients(total, optimiser.parameters));
  return [...losses, ...kept.map(({ next }) => next)];
}

/** Signs that look random, or zeros for what is not meant. */
function signs(results: readonly Tensor[], seed: number, isMeant: (position: number) => boolean): Float32Array[] {
  let state = 2 * seed + 1;
  const sign = (): number => ((state = Math.imul(state, 0x2c9277b5) + 0x3c6ef35f) & 0x8000_0000) === 0 ? 1 : -1; // prettier-ignore
  return results.map((x, i) => Float32Array.from({ length: x.size }, isMeant(i) ? sign : () => 0));
}

/** What of a step is looked at together: the losses, everything, and the moments of a parameter or two, in turn. */
function partsOf(index: number): Readonly<Record<string, (position: number) => boolean>> {
  const losses = problem.tasks.length;
  const inTurn = optimiser.parameters.filter((_, i) => i % steps === index);
  return {
    "the losses": (position) => position < losses,
    everything: () => true,
    ...Object.fromEntries(
      inTurn.map(({ name }) => {
        const moments = Object.values(optimiser.slots).flatMap((ofSlot) => ofSlot[name] ?? []);
        return [`the moments of ${name}`, (position: number) => moments.includes(kept[position - losses]!)];
      }),
    ),
  };
}

/** What two devices made of the same tensors. */
type Pair = readonly [HostArray[], HostArray[]];

async function requireSmoothAgreement(index: number, rounding: Rounding, [first, second]: Pair): Promise<void> {
  for (const [what, isMeant] of Object.entries(partsOf(index))) {
    const factors = signs(rounding.results, index, isMeant);
    const phi = await functional(rounding, factors, defaultDevice());
    // Either device may be off by the bound.
    const difference = Math.abs(phi.of(first) - phi.of(second));
    expect(difference, `${what} of step ${index}`).toBeLessThanOrEqual(2 * phi.bound);
    // Under random signs the sum of what is meant has about this size. A twentieth of it shows, or the bound says little.
    const usual = Math.hypot(...factors.flatMap((each, i) => [...each].map((factor, j) => factor * first[i]![j]!)));
    expect(2 * phi.bound, `the bound on ${what} of step ${index}`).toBeLessThan(usual / 20);
  }
}

const single = runningErrorAlgebra(2 ** -24);

/** The parameters after the step are p − η·m̂/(√v̂ + ε) of the moments after it, but for rounding. */
function requireAdam(index: number, before: readonly HostArray[], after: readonly HostArray[], slots: Moments): void {
  const time = full([], index + 1);
  const [shortfall1, shortfall2] = [shortfall(0.9, time), shortfall(0.999, time)];
  const expected = before.map((parameter, i) => {
    const [p, m, v] = [parameter, slots.mean[i]!, slots.meanSquare[i]!].map((values) => tensor(values));
    return p!.sub(m!.div(shortfall1).div(v!.div(shortfall2).sqrt().add(1e-8)).mul(learningRate));
  });
  interpret(single, expected).forEach(({ planes: [centre, bounds] }, i) => {
    const { name } = optimiser.parameters[i]!;
    after[i]!.forEach((value, j) => {
      // What has never had a gradient has not moved.
      const isStill = slots.meanSquare[i]![j] === 0;
      const [wanted, bound] = isStill ? [before[i]![j]!, 0] : [centre![j]!, bounds![j]!];
      if (Math.abs(value - wanted) <= bound && bound < learningRate / 100) return;
      throw new Error(`step ${index}: element ${j} of ${name} is ${value} instead of ${wanted} ± ${bound}`);
    });
  });
}

interface Moments {
  readonly mean: readonly HostArray[];
  readonly meanSquare: readonly HostArray[];
}

function momentsIn(values: readonly HostArray[]): Moments {
  const slot = (name: string): HostArray[] =>
    Object.values(optimiser.slots[name]!).map((cell) => values[problem.tasks.length + kept.indexOf(cell)]!);
  return { mean: slot("mean"), meanSquare: slot("meanSquare") };
}

/** Why there is no adapter for WebGPU, if there is none. */
const missing = await webgpu().then(
  async (device) => {
    await device.close();
    return null;
  },
  (error: unknown) => {
    if (process.env["STEELYARD_WEBGPU"] === "required") throw error;
    return ` (${String(error).split("\n")[0]})`;
  },
);

describe.skipIf(missing !== null)(`the CPU device and WebGPU${missing ?? ""}`, () => {
  const before = defaultDevice();
  const warn = onWarning(() => undefined);
  const first = cpu({ threads: 1, deterministic: true });
  let second: WebGpuDevice;
  beforeAll(async () => {
    second = await webgpu({ tune: false });
    setDefaultDevice(first);
  });
  afterAll(async () => {
    onWarning(warn);
    setDefaultDevice(before);
    await second.close();
  });

  it(`agree on each of ${steps} training steps of the face network, from the same state`, async () => {
    for (let index = 0; index < steps; index++) {
      const smooth = smoothResults(index);
      const results = [...smooth, ...optimiser.parameters.map(({ next }) => next)];
      const start = await valuesOn(first, optimiser.parameters.map(({ value }) => value)); // prettier-ignore
      // The state is on the first device, which takes the step in the end; the other one gets a copy.
      const pair: Pair = [await valuesOn(first, results), await valuesOn(second, results)];
      await requireSmoothAgreement(index, await roundingOf(smooth), pair);
      for (const values of pair) requireAdam(index, start, values.slice(smooth.length), momentsIn(values));
      await step();
    }
  }, 600_000);
});
