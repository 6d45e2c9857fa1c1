import { gradients } from "../gradients.ts";
import { jvp } from "../autograd.ts";
import { isFloat } from "../dtype.ts";
import type { Algebra } from "../interpreter/algebra.ts";
import { dualAlgebra } from "../interpreter/dual.ts";
import { interpret } from "../interpreter/interpret.ts";
import { hyperDualAlgebra } from "../interpreter/hyper-dual.ts";
import { f32Algebra, f64Algebra } from "../interpreter/real.ts";
import { runningErrorAlgebra } from "../interpreter/running-error.ts";
import { add, mul, sub } from "../ops/arithmetic.ts";
import { sum } from "../ops/reductions.ts";
import type { Attrs, Primitive, Sample } from "../primitive.ts";
import { sameShape, showSpec } from "../shape.ts";
import { apply, type Tensor } from "../tensor.ts";
import { drawing, drawInput, drawLike, emptied, type Draw } from "./draw.ts";

const single = runningErrorAlgebra(2 ** -24);
const double = runningErrorAlgebra(2 ** -53);

// Both sides of a comparison are computed in f64. One side carries its running error; the oracle, plain dual numbers,
// multiplies and adds the same numbers in another order, and its slopes are formulas of the same few operations. So its
// error is of the size of the first side's bound, and four times that covers both sides.
const slack = 4;
// A bound above this part of the numbers themselves would let a wrong rule pass.
const useful = 1e-9;

/** One draw for one sample: its inputs, its output and a cotangent for it. */
interface Trial {
  readonly primitive: Primitive;
  readonly attrs: Attrs;
  readonly ins: readonly Tensor[];
  readonly out: Tensor;
  readonly draw: Draw;
  /** The inputs that carry gradients: the rule gave them a cotangent, of their shape and dtype. */
  readonly active: readonly number[];
  readonly dOut: Tensor;
}

/** A number in f64 and how far rounding can have moved it. */
interface Bounded {
  readonly value: number;
  readonly bound: number;
}

/**
 * Proves a primitive on one of its samples, with inputs, directions and cotangents drawn from `seed`, or throws an
 * Error that names the primitive, the input and the law that fails:
 *
 * - the forward in f32 agrees with f64 within the running error, and every algebra has the same values;
 * - a cotangent has its input's shape and dtype, and is null exactly for integers and where the derivative is zero;
 * - where it is linear, on whole numbers and bit for bit: f(x₁ + x₂) = f(x₁) + f(x₂) and ⟨f(x), dy⟩ = ⟨x, vjp(dy)⟩;
 * - the first derivative of the rule is that of dual numbers, the second that of hyper-dual numbers, and the third that
 *   of dual numbers run over the second; the second is symmetric; the rule is linear in its cotangent; vjp∘vjp = jvp;
 * - all this also with axes of size zero, where the shape rule allows them.
 *
 * @example for (const sample of myPrimitive.samples) checkPrimitive(myPrimitive, sample, { seed: 1 });
 */
export function checkPrimitive<A extends Attrs>(
  primitive: Primitive<A>,
  sample: Sample<A>,
  { seed = 0 }: { seed?: number } = {},
): void {
  const draw = drawing(seed);
  checkAdjoint(primitive, sample, draw);
  const trial = trialOf(primitive, sample, draw);
  checkFirstOrder(trial);
  checkHigherOrders(trial);
  for (const empty of emptied(primitive, sample)) {
    checkAdjoint(primitive, empty, draw);
    checkFirstOrder(trialOf(primitive, empty, draw));
  }
}

/** Draws the inputs and checks all that needs no directions: values, shapes, dtypes, nulls. */
function trialOf(primitive: Primitive, { ins: inputs, attrs }: Sample, draw: Draw): Trial {
  const ins = inputs.map((input) => drawInput(input, draw));
  const out = apply(primitive, ins, attrs);
  const dOut = drawLike(out, draw);
  const trial = { primitive, attrs, ins, out, draw, dOut };
  checkForward(trial);
  return { ...trial, active: isFloat(out.dtype) ? activeInputs(trial) : [] };
}

function checkForward({ primitive, out }: Omit<Trial, "active">): void {
  const [values, exact] = [valuesOf(f32Algebra, out), interpret(single, [out])[0]!];
  const others = [f64Algebra, dualAlgebra, hyperDualAlgebra].map((algebra) => valuesOf(algebra, out));
  for (let i = 0; i < values.length; i++) {
    const value = exact.planes[0]![i]!;
    const bound = exact.planes[1]?.[i] ?? 0;
    const requireClose = (who: string, got: number): void => {
      // NaN must fail, so the comparison is for what is right.
      if (Math.abs(got - value) <= bound) return;
      throw failure(primitive, null, `the value of element ${i} in ${who} is ${got} instead of ${value} ± ${bound}`);
    };
    requireClose("f32", values[i]!);
    others.forEach((other, k) => requireClose(["f64", "dual numbers", "hyper-dual numbers"][k]!, other[i]!));
  }
}

/** Calls the rule once and holds each cotangent to its input. */
function activeInputs(trial: Omit<Trial, "active">): number[] {
  const { primitive, ins, out, draw } = trial;
  const cotangents = cotangentsOf(trial);
  if (cotangents.length !== ins.length) {
    throw failure(primitive, null, `the rule gives ${cotangents.length} cotangents for ${ins.length} inputs`);
  }
  return ins.flatMap((x, i) => {
    const dX = cotangents[i]!;
    if (dX !== null && !isFloat(x.dtype)) {
      throw failure(primitive, i, `the rule gives a cotangent to ${x.dtype}, which has no gradient`);
    }
    if (dX !== null && !(sameShape(dX.shape, x.shape) && dX.dtype === x.dtype)) {
      const [needs, got] = [x, dX].map(showSpec);
      throw failure(primitive, i, `the cotangent is ${got}, its value is ${needs}`);
    }
    if (dX === null && isFloat(x.dtype)) {
      const slopes = interpret(dualAlgebra, [out], new Map([[x, [numbers(drawLike(x, draw))]]]))[0]!.planes[1]!;
      if (slopes.some((slope) => slope !== 0)) {
        throw failure(primitive, i, "the rule gives null, but dual numbers have a derivative that is not zero");
      }
    }
    return dX === null ? [] : [i];
  });
}

/** On whole numbers nothing rounds, so linearity and the adjoint hold bit for bit, whatever the order of additions. */
function checkAdjoint(primitive: Primitive, { ins: inputs, attrs }: Sample, draw: Draw): void {
  const wholes = { wholeUpTo: 3 };
  for (const i of primitive.linearIn ?? []) {
    const ins = inputs.map((input) => drawInput(input, draw, wholes));
    const out = apply(primitive, ins, attrs);
    if (!isFloat(ins[i]!.dtype) || !isFloat(out.dtype)) continue;
    const [x, other] = [ins[i]!, drawLike(ins[i]!, draw, wholes)];
    const at = (input: Tensor): Tensor => apply(primitive, ins.with(i, input), attrs);
    const [y, y2, both] = [out, at(other), at(add(x, other))].map((each) => exactly(primitive, i, each));
    if (both!.some((value, k) => value !== y![k]! + y2![k]!)) {
      throw failure(primitive, i, "it is declared linear, but f(x₁ + x₂) is not f(x₁) + f(x₂) on whole numbers");
    }
    const dOut = drawLike(out, draw, wholes);
    const dX = primitive.vjp(dOut, { ins, out, attrs })[i] ?? null;
    if (dX === null || !sameShape(dX.shape, x.shape)) {
      throw failure(primitive, i, "it is declared linear, but the rule gives no cotangent of its shape");
    }
    const [forwards, backwards] = [dot(y!, numbers(dOut)), dot(exactly(primitive, i, dX), numbers(x))];
    if (forwards !== backwards) {
      const got = `⟨f(x), dy⟩ = ${forwards} and ⟨x, vjp(dy)⟩ = ${backwards}`;
      throw failure(primitive, i, `the rule is not the adjoint: on whole numbers ${got}`);
    }
  }
}

/** The values in f32, after f64 has confirmed that none was rounded. */
function exactly(primitive: Primitive, input: number, x: Tensor): number[] {
  const [values, exact] = [f32Algebra, f64Algebra].map((algebra) => [...valuesOf(algebra, x)]);
  if (values!.some((value, i) => value !== exact![i])) {
    const why = "whole numbers came out rounded in f32: it is not linear, or the sample is too large";
    throw failure(primitive, input, why);
  }
  return values!;
}

/** ⟨vjp(dy), t⟩ = ⟨dy, derivative along t⟩, for each input by itself, and linear in dy. */
function checkFirstOrder(trial: Trial): void {
  const { primitive, ins, out, attrs, dOut, draw, active } = trial;
  for (const i of active) {
    const x = ins[i]!;
    const t = drawLike(x, draw);
    const pulled = (cotangent: Tensor): Tensor => inner(cotangentsOf({ ...trial, dOut: cotangent })[i]!, t);
    const oracle = oracleOf(dOut, interpret(dualAlgebra, [out], new Map([[x, [numbers(t)]]]))[0]!.planes[1]!);
    compare(primitive, i, "the first derivative", bounded(pulled(dOut)), oracle);
    const pushed = jvp((moved) => apply(primitive, ins.with(i, moved), attrs), [x], [t]);
    compare(primitive, i, "jvp, the vjp of the vjp,", bounded(inner(pushed, dOut)), oracle);
    const other = drawLike(out, draw);
    const excess = sub(pulled(add(dOut, other)), add(pulled(dOut), pulled(other)));
    compare(primitive, i, "the rule's deviation from linearity in its cotangent", bounded(excess), exactZero);
  }
}

/** Second derivatives for each pair of inputs, and the third along them and all inputs together. */
function checkHigherOrders(trial: Trial): void {
  const { primitive, ins, out, dOut, draw, active } = trial;
  const pairs = active.flatMap((i) => active.map((j) => [i, j] as const));
  for (const [i, j] of pairs) {
    const [t, s] = [drawLike(ins[i]!, draw), drawLike(ins[j]!, draw)];
    const second = curvature(trial, i, t, j, s);
    const seeds = new Map(
      i === j
        ? [[ins[i]!, [numbers(t), numbers(s)]]]
        : [
            [ins[i]!, [numbers(t)]],
            [ins[j]!, [[], numbers(s)]],
          ],
    );
    const oracle = oracleOf(dOut, interpret(hyperDualAlgebra, [out], seeds)[0]!.planes[3]!);
    compare(primitive, i, `the second derivative with input ${j}`, bounded(second), oracle);
    compare(
      primitive,
      i,
      `the second derivative exchanged with input ${j}`,
      bounded(curvature(trial, j, s, i, t)),
      oracle,
    );
    const directions = active.map((k) => drawLike(ins[k]!, draw));
    const third = gradients(
      second,
      active.map((k) => ins[k]!),
    )
      .map((dX, k) => inner(dX, directions[k]!))
      .reduce(add);
    const slope = interpret(
      dualAlgebra,
      [second],
      new Map(active.map((k, at) => [ins[k]!, [numbers(directions[at]!)]])),
    );
    const along = { value: slope[0]!.planes[1]![0]!, bound: bounded(third).bound };
    compare(primitive, i, `the third derivative with input ${j}`, bounded(third), along);
  }
}

/** ∂/∂x_j along s of ⟨vjp_i(dy), t⟩, as a graph. */
function curvature(trial: Trial, i: number, t: Tensor, j: number, s: Tensor): Tensor {
  const slope = inner(cotangentsOf(trial)[i]!, t);
  return inner(gradients(slope, [trial.ins[j]!])[0]!, s);
}

const exactZero: Bounded = { value: 0, bound: 0 };

function compare(primitive: Primitive, input: number, what: string, got: Bounded, oracle: Bounded): void {
  const tolerance = slack * got.bound + oracle.bound;
  const scale = Math.max(1, Math.abs(oracle.value));
  if (!(tolerance <= useful * scale)) {
    throw failure(primitive, input, `${what} has the error bound ${tolerance}, which proves nothing`);
  }
  if (Math.abs(got.value - oracle.value) <= tolerance) return;
  throw failure(primitive, input, `${what} is ${got.value} instead of ${oracle.value} ± ${tolerance}`);
}

function cotangentsOf({ primitive, ins, out, attrs, dOut }: Omit<Trial, "active">): readonly (Tensor | null)[] {
  return primitive.vjp(dOut, { ins, out, attrs });
}

/** ⟨a, b⟩ as a graph; nothing is f16 in there but the operands. */
function inner(a: Tensor, b: Tensor): Tensor {
  return sum(mul(a, b));
}

function bounded(x: Tensor): Bounded {
  const { planes } = interpret(double, [x])[0]!;
  return { value: planes[0]![0]!, bound: planes[1]![0]! };
}

/** ⟨dy, the oracle's derivative⟩ with the a priori bound of a sum of n products, n·u·Σ|dy·ẏ|. */
function oracleOf(dOut: Tensor, derivative: ArrayLike<number>): Bounded {
  const terms = numbers(dOut).map((dy, i) => dy * derivative[i]!);
  const bound = terms.length * 2 ** -53 * terms.reduce((total, term) => total + Math.abs(term), 0);
  return { value: terms.reduce((total, term) => total + term, 0), bound };
}

function valuesOf(algebra: Algebra, x: Tensor): ArrayLike<number> & Iterable<number> {
  return interpret(algebra, [x])[0]!.planes[0]!;
}

const numbers = (x: Tensor): number[] => [...valuesOf(f64Algebra, x)];

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((total, value, i) => total + value * b[i]!, 0);

function failure({ name }: Primitive, input: number | null, what: string): Error {
  return new Error(`${name}${input === null ? "" : `, input ${input}`}: ${what}`);
}
