import { checkpoint, stopGradient } from "../custom.ts";
import { gradients } from "../gradients.ts";
import { inputsFirst } from "../graph.ts";
import { add, cos, exp, mul, sin, sub } from "../ops/arithmetic.ts";
import { relu, sigmoid } from "../ops/activations.ts";
import { conv } from "../ops/conv.ts";
import { iota, ones } from "../ops/creation.ts";
import { cumsum, gather } from "../ops/indexing.ts";
import { matmul } from "../ops/matmul.ts";
import { avgPool, maxPool } from "../ops/pool.ts";
import { argMax, argMin, max, mean, min, sum, variance } from "../ops/reductions.ts";
import { logSoftmax, softmax } from "../ops/softmax.ts";
import { broadcastTo, concat, expandDims, flip, pad, reshape, slice, transpose } from "../ops/views.ts";
import { padPrimitive } from "../primitives/pad-slice.ts";
import * as random from "../random.ts";
import type { Shape } from "../shape.ts";
import { apply, full, tensor, Tensor } from "../tensor.ts";
import { during, requireAgreement, requireExactAgreement, type DeviceLaw } from "./check-device-values.ts";
import { choosing, type Choose } from "./choose.ts";
import { drawInput } from "./draw.ts";
import { mixedGraph } from "./mixed-graph.ts";
import { randomGraph, type RandomGraph, type RandomGraphOptions } from "./random-graph.ts";
import { sameChoices } from "./same-choices.ts";

// Compiled = interpreted: whatever a device fuses, merges, stores or leaves out, the numbers are those of the interpreter.

/** A law about so many random graphs; graphs whose maxima rounding turns prove nothing and are left out. */
function randomLaw(
  title: string,
  seed: number,
  count: number,
  options: RandomGraphOptions,
  rootsOf: (graph: RandomGraph, choose: Choose) => readonly Tensor[],
): DeviceLaw {
  return {
    title,
    async check(device) {
      const bounds: number[] = [];
      for (let i = seed; i < seed + count; i++) {
        const roots = rootsOf(randomGraph(i, options), choosing(i));
        if (!sameChoices(roots)) continue;
        const agreement = await during(`randomGraph(${i})`, () => requireAgreement(device, roots));
        bounds.push(Math.max(0, ...agreement.bounds));
      }
      // Half of all graphs are known to better than two digits, or the comparison says little.
      const median = bounds.toSorted((a, b) => a - b)[Math.floor(bounds.length / 2)]!;
      if (!(median < 0.01))
        throw new Error(`the error bounds of these graphs are about ${median}, which proves nothing`);
    },
  };
}

const gradientsOf = (graph: RandomGraph): readonly Tensor[] => gradients(sum(sin(graph.output)), graph.inputs);
const outputOf = (graph: RandomGraph): Tensor[] => [graph.output];

/** Several values of one graph, inputs among them, and one of them twice. */
function severalOf({ output }: RandomGraph, { among, below }: Choose): Tensor[] {
  const all = inputsFirst([output.node]).map((node) => new Tensor(node));
  const some = Array.from({ length: 1 + below(5) }, () => among(all));
  return [output, ...some, some[0]!];
}

function randomLaws(seed: number, count: number): DeviceLaw[] {
  return [
    randomLaw("random graphs", seed, 4 * count, {}, outputOf),
    randomLaw("gradients of random graphs", seed, 2 * count, { smooth: true }, gradientsOf),
    randomLaw("deep random graphs", seed, count, { depth: 40 }, outputOf),
    randomLaw("random graphs in f16", seed, count, { dtype: "f16", depth: 4 }, outputOf),
    randomLaw("several roots of a random graph, inputs and repetitions among them", seed, 2 * count, {}, severalOf),
    randomLaw("a random graph together with its gradients", seed, count, { smooth: true }, (graph) => [
      graph.output,
      ...gradientsOf(graph),
    ]),
    {
      title: "random graphs of all dtypes, bit for bit: integers wrap, bits shift, casts cut off",
      async check(device) {
        for (let i = seed; i < seed + 4 * count; i++) {
          const all = mixedGraph(i);
          await during(`mixedGraph(${i})`, () => requireAgreement(device, [all.at(-1)!, ...all.slice(-3)]));
        }
      },
    },
  ];
}

/** Real numbers for inputs, always the same. */
function inputs(...shapes: Shape[]): Tensor[] {
  const { draw } = choosing(7);
  return shapes.map((shape) => drawInput({ shape }, draw));
}

/** `pad` with zeros between the elements too. */
function spread(x: Tensor, interior: readonly number[]): Tensor {
  const [low, high] = [x.shape.map(() => 1), x.shape.map(() => 2)];
  return apply(padPrimitive, [x], { low, high, interior });
}

const border = [[0, 0], [1, 2], [2, 0], [0, 0]] as const; // prettier-ignore
const [image, filters] = inputs([2, 5, 4, 3], [3, 3, 3, 2]) as [Tensor, Tensor];

// Graphs that a published framework gets wrong under fusion: it pads inside the sigmoid, which makes halves of zeros. The
// padding is of the function's results.
const paddings: Readonly<Record<string, (x: Tensor, w: Tensor) => Tensor>> = {
  "conv(sigmoid(x)), padded": (x, w) => conv(sigmoid(x), w, { padding: "same" }),
  "conv(exp(x)), padded on one side, with stride": (x, w) => conv(exp(x), w, { padding: [[2, 0], [0, 3]], stride: 2 }), // prettier-ignore
  "conv of a constant": (x, w) => conv(add(mul(x, 0), 1), w, { padding: "same" }),
  "relu(conv(cos(x)) + 1)": (x, w) => relu(add(conv(cos(x), w, { padding: "same", dilation: 2 }), 1)),
  "conv(conv(sigmoid(x)))": (x, w) =>
    conv(sigmoid(conv(sigmoid(x), w, { padding: "same" })), slice(w, [0, 0, 0, 0], [3, 3, 2, 2]), { padding: "same" }),
  "cos(pad(exp(x)))": (x) => cos(pad(exp(x), border)),
  "pad(exp(x)) + 1 under a slice": (x) => slice(add(pad(exp(x), border), 1), [0, 0, 1, 0], [2, 7, 5, 3]),
  "exp(zeros between cos(x))": (x) => exp(spread(cos(x), [0, 1, 2, 0])),
  "a sum of pad(cos(x))": (x) => sum(pad(cos(x), border), [0, 2]),
  "the mean of zeros between exp(x)": (x) => mean(spread(exp(x), [1, 0, 0, 1])),
  "the maximum of a pad of negative numbers": (x) => max(pad(sub(sigmoid(x), 2), border), [1, 3]),
  "maxPool of negative numbers, padded": (x) => maxPool(sub(sigmoid(x), 2), { window: 2, padding: [[1, 1], [0, 1]] }), // prettier-ignore
  "avgPool of cos(x), padded": (x) => avgPool(cos(x), { window: 3, stride: 2, padding: [[1, 1], [1, 2]] }), // prettier-ignore
  "pad inside pad": (x) => sigmoid(pad(sigmoid(pad(sigmoid(x), border)), border)),
  "concat of sigmoids": (x) => cos(concat([sigmoid(x), pad(exp(x), border).slice([0, 1, 1, 0], [2, 5, 4, 3])], 2)),
  "gather outside of sigmoid(x)": (x) => add(gather(sigmoid(x), tensor([0, 9, -1, 2], { dtype: "i32" }), 3), 1),
  "cumsum of pad(exp(x))": (x) => cumsum(pad(exp(x), border), 1),
  "a reshape of pad(exp(x))": (x) => mul(reshape(pad(exp(x), border), [2, 24, 6]), 2),
  "a flipped and transposed pad": (x) => exp(transpose(flip(pad(exp(x), border), 2), [3, 1, 0, 2])),
  "pad of iota and of a number": (x) =>
    add(pad(add(iota(x.shape, 2, "f32"), 1), border), pad(broadcastTo(full([], 3), x.shape), border)),
};

const paddingLaws: readonly DeviceLaw[] = Object.entries(paddings).map(([name, f]) => ({
  title: `padding wraps the whole expression under it: ${name}, and its gradient`,
  async check(device) {
    const y = f(image, filters);
    await requireAgreement(device, [y]);
    await requireAgreement(device, gradients(sum(sin(y)), [image, filters]));
  },
}));

const normalised = (x: Tensor, axes: readonly number[]): Tensor => {
  const centred = sub(x, mean(x, axes, { keepDims: true }));
  return mul(centred, add(variance(x, axes, { keepDims: true }), 1e-3).rsqrt());
};

/** What networks are made of, and what fusion finds hard. */
const compositions: Readonly<Record<string, () => readonly Tensor[]>> = {
  "softmax over each axis, and its gradient": () => {
    const [x, y] = inputs([4, 5, 6], [4, 5, 6]) as [Tensor, Tensor];
    return [0, 1, 2].flatMap((axis) => [softmax(x, axis), ...gradients(sum(mul(logSoftmax(x, axis), y)), [x])]);
  },
  "normalisations and their gradients": () => {
    const [x, y] = inputs([3, 4, 4, 5], [3, 4, 4, 5]) as [Tensor, Tensor];
    return [[0, 1, 2], [3], [1, 2]].flatMap((axes) => {
      const z = relu(normalised(x, axes));
      return [z, ...gradients(sum(mul(z, y)), [x])];
    });
  },
  "an expression of 200 steps": () => {
    const [x, y] = inputs([3, 4], [4]) as [Tensor, Tensor];
    let z = x;
    for (let i = 0; i < 100; i++) z = add(mul(z, 0.875), y);
    return [z];
  },
  "a sum of 40 inputs": () => {
    const all = inputs(...Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? [5] : [4, 5])));
    return [all.reduce((total, each) => add(total, each))];
  },
  "a value that meets its own transpose": () => {
    const [x] = inputs([4, 4]) as [Tensor];
    const y = sin(x);
    return [add(y, transpose(y)), matmul(y, transpose(y)), mul(flip(y, 0), flip(y, 1)), sum(mul(y, transpose(y)), 0)];
  },
  "what is read by many through broadcasts": () => {
    const [x, bias] = inputs([6, 1, 5], [5]) as [Tensor, Tensor];
    return [mul(exp(broadcastTo(exp(x), [6, 4, 5])), sigmoid(add(bias, 1))), sum(broadcastTo(cos(bias), [3, 2, 5]), 1)];
  },
  "views as roots": () => {
    const [x] = inputs([3, 4]) as [Tensor];
    const y = exp(x);
    return [
      transpose(x),
      reshape(y, [2, 6]),
      flip(y),
      slice(x, [1, 1], [2, 2]),
      expandDims(y, 1),
      broadcastTo(y, [2, 3, 4]),
    ];
  },
  "inputs, numbers and iotas as roots, twice each": () => {
    const [x] = inputs([2, 3]) as [Tensor];
    const all = [x, full([2], 0.1), full([], 7, "i32"), iota([3], 0), ones([2, 2], "bool"), full([2], -1.5, "f16")];
    return [...all, ...all];
  },
  "roots that others are computed from": () => {
    const [x] = inputs([3, 5]) as [Tensor];
    const [a, b] = [exp(x), sum(exp(x), 1, { keepDims: true })];
    return [mul(a, b), a, b, sum(mul(a, b)), reshape(b, [3])];
  },
  "a root that a convolution reads with padding": () => {
    const [x, w, taps] = inputs([2, 5, 3], [3, 3], [3, 3, 2]) as [Tensor, Tensor, Tensor];
    const y = sigmoid(matmul(x, w));
    return [conv(y, taps, { padding: "same" }), y, y];
  },
  "two equal expressions": () => {
    const [x] = inputs([3, 5]) as [Tensor];
    return [sin(exp(x)), sin(exp(x)), add(sin(exp(x)), sin(exp(x)))];
  },
  "recomputation behind a barrier": () => {
    const [x, w] = inputs([3, 4], [4, 4]) as [Tensor, Tensor];
    const y = checkpoint((a, b) => sin(matmul(exp(a), b)))(x, w);
    return [y, ...gradients(sum(mul(y, stopGradient(y))), [x, w])];
  },
  "maxima of windows together with what flows back through them": () => {
    const [x, y] = inputs([1, 10, 3], [2, 8, 4]) as [Tensor, Tensor];
    return [x, y].flatMap((each) => {
      const pooled = maxPool(each, { window: 2, stride: 1 });
      return [pooled, ...gradients(sum(sin(pooled)), [each])];
    });
  },
  "where the largest and the smallest stand": () => {
    const [x] = inputs([6, 9]) as [Tensor];
    return [0, 1].flatMap((axis) => [argMax(x, axis), argMin(x, axis), max(x, axis), min(x, axis)]);
  },
  "second derivatives": () => {
    const [x, w] = inputs([2, 6, 2], [3, 2, 2]) as [Tensor, Tensor];
    const [dX] = gradients(sum(sin(conv(sigmoid(x), w, { padding: "same" }))), [x]);
    return gradients(sum(mul(dX!, dX!)), [x, w]);
  },
  "reductions over no axes that read one another": () => {
    const [x] = inputs([]) as [Tensor];
    return [sum(mul(x, sin(sum(x)))), max(add(x, sum(x)))];
  },
  "large reductions": () => {
    const [x] = inputs([300, 301]) as [Tensor];
    return [sum(x), max(x), mean(x, 0), sum(mul(x, x), 1)];
  },
};

const compositionLaws: readonly DeviceLaw[] = Object.entries(compositions).map(([title, roots]) => ({
  title,
  check: async (device) => void (await requireAgreement(device, roots())),
}));

const randomNumbersLaw: DeviceLaw = {
  title: "random bits and uniform numbers are the same on every device",
  async check(device) {
    const key = random.key(42);
    await requireExactAgreement(device, [random.bits(key, [33]), random.uniform(key, [7, 5])]);
    await requireAgreement(device, [random.normal(key, [101])]);
  },
};

/** Random graphs, so many of each kind, and graphs made by hand. */
export function graphLaws(seed: number, count: number): DeviceLaw[] {
  return [...randomLaws(seed, count), ...paddingLaws, ...compositionLaws, randomNumbersLaw];
}
