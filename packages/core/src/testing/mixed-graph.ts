import { isFloat, type DType } from "../dtype.ts";
import { abs, add, maximum, minimum, mod, mul, neg, sub } from "../ops/arithmetic.ts";
import { cast } from "../ops/cast.ts";
import { equal, less } from "../ops/compare.ts";
import { iota } from "../ops/creation.ts";
import { cumsum, gather } from "../ops/indexing.ts";
import { and, not, or, shiftLeft, shiftRight, xor } from "../ops/logic.ts";
import { argMax, max, sum } from "../ops/reductions.ts";
import { broadcastTo, concat, flip, pad, transpose } from "../ops/views.ts";
import { where } from "../ops/where.ts";
import { full, type Tensor } from "../tensor.ts";
import { choosing, type Choose } from "./choose.ts";
import { drawInput } from "./draw.ts";

const dtypes: readonly DType[] = ["f32", "f16", "i32", "u32", "bool"];
// Everything has this shape, so that anything meets anything.
const shape = [3, 5] as const;

interface Mix extends Choose {
  /** A tensor of the dtype: an earlier one, or a new input. */
  readonly of: (dtype: DType) => Tensor;
}

type Step = (mix: Mix) => Tensor;

const numeric = ({ among }: Mix): DType => among(["f32", "f16", "i32", "u32"]);
const integer = ({ among }: Mix): DType => among(["i32", "u32"]);
const bits = ({ among }: Mix): DType => among(["i32", "u32", "bool"]);
const anything = ({ among }: Mix): DType => among(dtypes);

/** Floats stay whole and below 2⁷: their products are exact in f16 too. */
const small = (x: Tensor): Tensor => (isFloat(x.dtype) ? sub(mod(x, 15), 7) : x);

/** A choice of operation, on operands of one dtype. */
function alike(dtypeOf: (mix: Mix) => DType, steps: readonly ((a: Tensor, b: Tensor) => Tensor)[]): Step {
  return (mix) => {
    const dtype = dtypeOf(mix);
    return mix.among(steps)(mix.of(dtype), mix.of(dtype));
  };
}

const steps: readonly Step[] = [
  alike(numeric, [add, sub, mul, maximum, minimum, (a, b) => mul(neg(a), 3).add(b)]),
  alike(bits, [and, or, xor, (a) => not(a)]),
  alike(integer, [
    (a, b) => shiftLeft(a, and(b, 31)),
    (a, b) => shiftRight(a, and(b, 31)),
    (a, b) => mod(a, or(abs(b), 1)),
    (a, b) => a.div(or(b, 1)),
  ]),
  alike(numeric, [less, equal]),
  (mix) => {
    const dtype = anything(mix);
    return where(mix.of("bool"), mix.of(dtype), mix.of(dtype));
  },
  // Into floats only what they hold.
  (mix) => cast(and(mix.of(integer(mix)), 7), mix.among(["f32", "f16"])),
  (mix) => cast(mix.of(anything(mix)), mix.among(["i32", "u32", "bool"])),
  (mix) => cast(mix.of("f16"), "f32"),
  (mix) => argMax(broadcastTo(mix.of(mix.among(["f32", "i32", "u32"])), [4, ...shape]), 0),
  (mix) => broadcastTo(sum(mix.of(numeric(mix)), 1, { keepDims: true }), shape),
  (mix) => broadcastTo(max(mix.of(numeric(mix)), 0), shape),
  (mix) => cumsum(mix.of(mix.among(["f32", "i32", "u32"])), mix.below(2)),
  (mix) => gather(mix.of(anything(mix)), mod(mix.of("i32"), 4).slice([0, 0], [3, 1]).reshape([3])),
  alike(anything, [(a, b) => concat([flip(a, 1), b], 0).slice([1, 0], shape)]),
  alike(anything, [(a) => transpose(transpose(a).slice([1, 0], [4, 3]).reshape([3, 4]).reshape([4, 3])).pad([[0, 0], [1, 0]])]), // prettier-ignore
  (mix) => pad(mix.of(anything(mix)).slice([0, 1], [2, 3]), [[1, 0], [0, 2]]), // prettier-ignore
  (mix) => iota(shape, mix.below(2), mix.among(["i32", "f32"])),
  (mix) => add(mix.of("i32"), full([], mix.below(100), "i32")),
];

/**
 * A random graph whose values are of all dtypes, the same for the same seed. Integers wrap; floats are whole and small,
 * so that every device has the same bits.
 */
export function mixedGraph(seed: number, depth = 12): readonly Tensor[] {
  const choose = choosing(seed);
  const made: Tensor[] = [];
  const mix: Mix = {
    ...choose,
    of(dtype) {
      const known = made.filter((each) => each.dtype === dtype);
      if (known.length > 0 && choose.below(4) > 0) return choose.among(known);
      const domain = dtype === "i32" || dtype === "u32" ? ([-0x8000_0000, 0x7fff_ffff] as const) : ([-7, 7] as const);
      return drawInput({ shape, dtype, domain }, choose.draw, { wholeUpTo: 7 });
    },
  };
  for (let i = 0; i < depth; i++) made.push(small(choose.among(steps)(mix)));
  return made;
}
