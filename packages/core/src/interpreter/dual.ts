import { hostArray, isFloat, type DType } from "../dtype.ts";
import type { BinaryRow, UnaryRow } from "../primitives/scalar-table.ts";
import type { Algebra, Buffer } from "./algebra.ts";
import { f64Algebra } from "./real.ts";

/**
 * Dual numbers x + x₁ε with ε² = 0. As f(x + x₁ε) = f(x) + f′(x)·x₁ε exactly, computing with them gives the derivative
 * in the direction x₁ along with the value: no step size, no truncation. Planes: [value, derivative].
 */
export const dualAlgebra: Algebra = nilpotentAlgebra("dual", 2);

// Plane s holds the part that belongs to the set of ε's with bit mask s: 0 is the value, 1 is ε₁, 2 is ε₂, 3 is ε₁ε₂.
// A product of parts s and t belongs to s ∪ t, and is zero when they share an ε, so part s of a product is
//   (xy)ₛ = Σ_{t ⊆ s} xₜ · y_{s∖t}:  3 products of reals for duals, 9 for hyper-duals.
// Whatever is linear in each operand is therefore built from the loops of plain numbers.
export function nilpotentAlgebra(name: string, parts: 2 | 4): Algebra {
  return {
    name,
    allocate: (dtype, length) => allocatePlanes(dtype, length, parts),
    fill: (out, number) => f64Algebra.fill(out, number),
    map(row, ins, out) {
      f64Algebra.map(row, ins, out);
      if (!isFloat(out.dtype)) return;
      if (row.arity === 1) mapUnary(row, ins[0]!, out);
      else mapBinary(row, ins[0]!, ins[1]!, out);
    },
    contract(c, a, b, block) {
      forEachProduct(c, (s, t, rest) => f64Algebra.contract(part(c, s), part(a, t), part(b, rest), block));
    },
    addRun(out, oo, os, x, xo, xs, count) {
      out.planes.forEach((_, s) => f64Algebra.addRun(part(out, s), oo, os, part(x, s), xo, xs, count));
    },
    mulRun(out, oo, os, x, xo, xs, count) {
      const { planes } = out;
      for (let i = 0; i < count; i++) {
        const [to, from] = [oo + i * os, xo + i * xs];
        const before = planes.map((plane) => plane[to]!);
        planes.forEach((plane) => (plane[to] = 0));
        forEachProduct(out, (s, t, rest) => (planes[s]![to]! += before[t]! * x.planes[rest]![from]!));
      }
    },
  };
}

/** `parts` planes for floats, all of f64 so that every part is exact enough to be an oracle; one for integers. */
export function allocatePlanes(dtype: DType, length: number, parts: number): Buffer {
  if (!isFloat(dtype)) return { dtype, length, planes: [hostArray(dtype, length)] };
  return { dtype, length, planes: Array.from({ length: parts }, () => new Float64Array(length)) };
}

/** One plane, as the buffer of plain numbers that it is. */
export function part({ dtype, length, planes }: Buffer, s: number): Buffer {
  return { dtype, length, planes: [planes[s]!] };
}

/** The pairs of parts that meet in a product: t ⊆ s and the rest s∖t. */
function forEachProduct({ planes }: Buffer, visit: (s: number, t: number, rest: number) => void): void {
  planes.forEach((_, s) => {
    for (let t = 0; t <= s; t++) if ((t & s) === t) visit(s, t, s ^ t);
  });
}

// Taylor's formula ends by itself, as ε₁² = ε₂² = 0:
//   f(x)ₛ = f′·xₛ for s = 1, 2, 3, and for s = 3 also f″·x₁x₂.
function mapUnary({ slope = zero, curve = zero }: UnaryRow, x: Buffer, out: Buffer): void {
  const [values, x1, x2, x12] = x.planes;
  const [, y1, y2, y12] = out.planes;
  if (x1 === undefined) return; // an integer turned float: a constant
  for (let i = 0; i < out.length; i++) {
    const f = slope(values![i]!);
    y1![i] = times(f, x1[i]!);
    if (y12 === undefined) continue;
    y2![i] = times(f, x2![i]!);
    y12[i] = times(f, x12![i]!) + times(curve(values![i]!), x1[i]! * x2![i]!);
  }
}

//   f(a, b)ₛ = f_a·aₛ + f_b·bₛ, and for s = 3 also f_aa·a₁a₂ + f_ab·(a₁b₂ + a₂b₁) + f_bb·b₁b₂.
function mapBinary({ slopes = flat, curves = straight }: BinaryRow, a: Buffer, b: Buffer, out: Buffer): void {
  const [av, a1, a2, a12] = a.planes;
  const [bv, b1, b2, b12] = b.planes;
  const [, y1, y2, y12] = out.planes;
  for (let i = 0; i < out.length; i++) {
    const [fa, fb] = slopes(av![i]!, bv![i]!);
    y1![i] = times(fa, a1![i]!) + times(fb, b1![i]!);
    if (y12 === undefined) continue;
    y2![i] = times(fa, a2![i]!) + times(fb, b2![i]!);
    const [faa, fab, fbb] = curves(av![i]!, bv![i]!);
    const mixed = a1![i]! * b2![i]! + a2![i]! * b1![i]!;
    y12[i] = times(fa, a12![i]!) + times(fb, b12![i]!) + times(fab, mixed);
    y12[i]! += times(faa, a1![i]! * a2![i]!) + times(fbb, b1![i]! * b2![i]!);
  }
}

/** A constant stays a constant, even where the slope is infinite or no number at all. */
function times(slope: number, direction: number): number {
  return direction === 0 ? 0 : slope * direction;
}

const zero = (): number => 0;
const flat = (): readonly [number, number] => [0, 0];
const straight = (): readonly [number, number, number] => [0, 0, 0];
