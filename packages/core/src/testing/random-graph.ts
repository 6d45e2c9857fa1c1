import { sigmoid, softplus } from "../ops/activations.ts";
import { add, cos, div, exp, mul, neg, sin, square, sub, tanh } from "../ops/arithmetic.ts";
import { conv } from "../ops/conv.ts";
import { cumsum } from "../ops/indexing.ts";
import { matmul } from "../ops/matmul.ts";
import { avgPool, maxPool } from "../ops/pool.ts";
import { max, mean, sum } from "../ops/reductions.ts";
import { softmax } from "../ops/softmax.ts";
import { concat, expandDims, flip, pad, reshape, slice, transpose } from "../ops/views.ts";
import type { DType } from "../dtype.ts";
import type { Tensor } from "../tensor.ts";
import { drawing, drawInput } from "./draw.ts";

/** How large, of what and of which dtype. */
export interface RandomGraphOptions {
  /** How many operations follow one another; 8 when left out. */
  readonly depth?: number;
  /** Leave out maxima, at whose kinks a rounding error may move a gradient. */
  readonly smooth?: boolean;
  readonly dtype?: DType;
}

/** The graph's sources, in the order in which they were drawn, and its last tensor. */
export interface RandomGraph {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
}

/** Choices that the seed makes: a whole number below n, an earlier tensor of the graph, a new input of a shape. */
interface Choose {
  readonly below: (n: number) => number;
  readonly earlier: () => Tensor;
  readonly input: (shape: readonly number[]) => Tensor;
}

type Step = (x: Tensor, choose: Choose) => Tensor;

/** x with at least one axis, and one of them. */
function along(x: Tensor, { below }: Choose): { x: Tensor; axis: number } {
  const from = x.rank === 0 ? reshape(x, [1]) : x;
  return { x: from, axis: below(from.rank) };
}

const onAxis =
  (step: (x: Tensor, axis: number, choose: Choose) => Tensor): Step =>
  (x, choose) => {
    const at = along(x, choose);
    return step(at.x, at.axis, choose);
  };

/** [N, W, C], made from whatever shape. */
const asSignal = (x: Tensor): Tensor => (x.rank === 0 ? reshape(x, [1, 1, 1]) : reshape(x, [1, -1, x.shape.at(-1)!]));

// Values stay between about −10 and 10, so that no graph overflows: what grows is scaled or squashed.
const maps: readonly Step[] = [
  sin,
  (x) => cos(neg(x)),
  tanh,
  sigmoid,
  softplus,
  (x) => exp(tanh(x)),
  (x) => div(x, add(square(x), 1)),
  (x) => sub(1, mul(x, 0.5)),
  (x, { earlier }) => mul(x, tanh(mean(earlier()))),
];
const views: readonly Step[] = [
  (x) => reshape(x, [-1]),
  (x) => transpose(x),
  onAxis((x, axis) => flip(x, axis)),
  (x, { below }) => (x.rank < 4 ? expandDims(x, below(x.rank + 1)) : x),
  onAxis((x, axis, { below }) =>
    pad(
      x,
      x.shape.map((_, i) => (i === axis ? [below(3), below(3)] : [0, 0])),
      below(2),
    ),
  ),
  onAxis((x, axis, { below }) => {
    const start = below(x.shape[axis]!);
    const from = x.shape.map((_, i) => (i === axis ? start : 0));
    return slice(
      x,
      from,
      x.shape.with(axis, Math.ceil((x.shape[axis]! - start) / 2)),
      x.shape.map((_, i) => (i === axis ? 2 : 1)),
    );
  }),
  onAxis((x, axis, { input }) => concat([x, input(x.shape.with(axis, 2))], axis)),
];
const reductions: readonly Step[] = [
  onAxis((x, axis) => mul(sum(x, axis), 0.5)),
  onAxis((x, axis) => mean(x, axis, { keepDims: true })),
  onAxis((x, axis) => sub(x, mean(x, axis, { keepDims: true }))),
  onAxis((x, axis) => softmax(x, axis)),
  onAxis((x, axis) => mul(cumsum(x, axis), 0.25)),
];
const contractions: readonly Step[] = [
  onAxis((x, _, { input }) => mul(matmul(x, input([x.shape.at(-1)!, 3])), 0.5)),
  (x) => ((rows) => tanh(matmul(rows, transpose(rows))))(reshape(x, [-1, x.shape.at(-1) ?? 1])),
  // The padding is a mask around the whole expression: it sees zeros where sigmoid(0) would be a half.
  (x, { input }) => conv(sigmoid(asSignal(x)), input([3, x.shape.at(-1) ?? 1, 2]), { padding: [[1, 2]] }),
  (x, { input, below }) =>
    conv(asSignal(x), input([2, x.shape.at(-1) ?? 1, 2]), { padding: "same", dilation: 2, stride: 1 + below(2) }),
  (x) => avgPool(asSignal(x), { window: 2, padding: [[1, 1]], stride: 1 }),
];
const kinks: readonly Step[] = [
  onAxis((x, axis) => max(x, axis)),
  (x) => maxPool(asSignal(x), { window: 2, padding: [[0, 1]], stride: 1 }),
  (x) => x.relu(),
];

/**
 * A random graph of maps, views, reductions and contractions, the same for the same seed: what one device makes of it
 * another must make too. All that it computes stays of moderate size.
 *
 * @example const { output } = randomGraph(7); // read it on two devices and compare
 */
export function randomGraph(
  seed: number,
  { depth = 8, smooth = false, dtype = "f32" }: RandomGraphOptions = {},
): RandomGraph {
  const draw = drawing(seed);
  const inputs: Tensor[] = [];
  const made: Tensor[] = [];
  const choose: Choose = {
    below: (n) => Math.floor(draw(1)[0]! * n),
    earlier: () => made[choose.below(made.length)]!,
    input(shape) {
      const x = drawInput({ shape, dtype, domain: [-1, 1] }, draw);
      inputs.push(x);
      return x;
    },
  };
  const kinds = smooth ? [maps, views, reductions, contractions] : [maps, views, reductions, contractions, kinks];
  made.push(choose.input(Array.from({ length: choose.below(4) }, () => 1 + choose.below(4))));
  for (let i = 0; i < depth; i++) {
    const x = choose.below(4) === 0 ? choose.earlier() : made.at(-1)!;
    const steps = kinds[choose.below(kinds.length)]!;
    const y = steps[choose.below(steps.length)]!(x, choose);
    made.push(y.size > 200 ? mean(y, 0) : y);
  }
  return { inputs, output: made.at(-1)! };
}
