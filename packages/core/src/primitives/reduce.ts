import { valueError } from "../errors.ts";
import { moveRun } from "../interpreter/moves.ts";
import { around, forEachRun, stretchedStrides } from "../interpreter/strided.ts";
import { mul } from "../ops/arithmetic.ts";
import { equal } from "../ops/compare.ts";
import { iota, ones } from "../ops/creation.ts";
import { concat, expandDims, flip, slice } from "../ops/views.ts";
import { where } from "../ops/where.ts";
import type { Forward, Primitive, Spec } from "../primitive.ts";
import { showShape, stridesOf } from "../shape.ts";
import { apply, type Tensor } from "../tensor.ts";
import { requireNumbers } from "./operands.ts";

// Reductions over one axis, which they drop; the functions in ops/reductions.ts bring several axes together into one.

export type ReduceAttrs = { readonly axis: number };
/** `least` asks for the smallest instead of the largest. */
export type ArgmaxAttrs = { readonly axis: number; readonly least: boolean };

export const maxPrimitive: Primitive<ReduceAttrs> = extremum("max", false);
export const minPrimitive: Primitive<ReduceAttrs> = extremum("min", true);

/** Where the largest (or smallest) scalar stands along the axis: the first of equals, and NaN before all numbers. */
export const argmaxPrimitive: Primitive<ArgmaxAttrs> = {
  name: "argmax",
  infer: ([x], { axis, least }) => ({ ...chosenFrom(least ? "argMin" : "argMax", x!, axis), dtype: "i32" }),
  forward(args) {
    const to = args.out.planes[0]!;
    forEachChoice(args, args.attrs.least, (place, index) => {
      to[place] = index;
    });
  },
  // Piecewise constant: no derivative.
  vjp: () => [null],
  samples: [
    { ins: [{ shape: [5] }], attrs: { axis: 0, least: false } },
    { ins: [{ shape: [2, 3, 2] }], attrs: { axis: 1, least: true } },
    { ins: [{ shape: [4], dtype: "i32", values: [1, 3, 3, 2] }], attrs: { axis: 0, least: false } },
  ],
};

/** The largest or smallest scalar along the axis. The first of equals is the one that counts. */
function extremum(name: "max" | "min", least: boolean): Primitive<ReduceAttrs> {
  return {
    name,
    infer: ([x], { axis }) => chosenFrom(name, x!, axis),
    forward(args) {
      // Steps of zero: one scalar.
      forEachChoice(args, least, (place, _, from) => moveRun(args.out, place, 0, args.ins[0]!, from, 0, 1));
    },
    // y is the x that was chosen: ⟨dy, δy⟩ = ⟨dy, δx[chosen]⟩
    //   ⇒  dx = dy where x was chosen, else 0
    vjp(dy, { ins: [x], attrs: { axis } }) {
      const chosen = expandDims(apply(argmaxPrimitive, [x!], { axis, least }), axis);
      return [where(equal(iota(x!.shape, axis), chosen), expandDims(dy, axis), 0)];
    },
    samples: [
      { ins: [{ shape: [5] }], attrs: { axis: 0 } },
      { ins: [{ shape: [2, 3, 2] }], attrs: { axis: 1 } },
      { ins: [{ shape: [2, 3] }], attrs: { axis: 1 } },
    ],
  };
}

/** The product along the axis; an empty product is 1. Right at zeros, for derivatives of any order. */
export const prodPrimitive: Primitive<ReduceAttrs> = {
  name: "prod",
  infer([x], { axis }) {
    requireNumbers("prod", x!);
    return { shape: x!.shape.toSpliced(axis, 1), dtype: x!.dtype };
  },
  forward({ algebra, ins: [x], out, inSpecs, attrs: { axis } }) {
    const { shape } = inSpecs[0]!;
    out.planes[0]!.fill(1);
    const to = { start: 0, steps: stretchedStrides(shape.with(axis, 1), shape) };
    forEachRun(shape, to, { start: 0, steps: stridesOf(shape) }, (oo, os, xo, xs, count) =>
      algebra.mulRun(out, oo, os, x!, xo, xs, count),
    );
  },
  // δy = Σ_i δx_i · (product of all others), and dividing y by x_i would fail at zeros, so:
  //   dx_i = dy · (product of those before i) · (product of those after i)
  vjp(dy, { ins: [x], attrs: { axis } }) {
    const after = flip(productsBefore(flip(x!, axis), axis), axis);
    return [mul(expandDims(dy, axis), mul(productsBefore(x!, axis), after))];
  },
  samples: [
    { ins: [{ shape: [5] }], attrs: { axis: 0 } },
    { ins: [{ shape: [2, 3, 2] }], attrs: { axis: 1 } },
    { ins: [{ shape: [2, 4], values: [2, 0, 3, 5, 0, 4, 0, 7] }], attrs: { axis: 1 } },
    { ins: [{ shape: [2, 0] }], attrs: { axis: 1 } },
  ],
};

/** The product of all scalars before each one, by doubling: after step k each place holds the 2ᵏ scalars before it. */
function productsBefore(x: Tensor, axis: number): Tensor {
  const n = x.shape[axis]!;
  const shifted = (y: Tensor, by: number): Tensor => {
    const kept = slice(y, [], y.shape.with(axis, n - by));
    return concat([ones(x.shape.with(axis, by), x.dtype), kept], axis);
  };
  let products = shifted(x, Math.min(1, n));
  for (let reach = 1; reach < n; reach *= 2) products = mul(products, shifted(products, reach));
  return products;
}

function chosenFrom(who: string, spec: Spec, axis: number): Spec {
  requireNumbers(who, spec);
  const { shape, dtype } = spec;
  if (shape[axis] === 0) throw valueError(who, `something to choose from on axis ${axis}`, showShape(shape));
  return { shape: shape.toSpliced(axis, 1), dtype };
}

/** Chooses on the values of each line along the axis; tells the output's place, the index and the scalar's offset. */
function forEachChoice(
  { ins: [x], inSpecs, attrs: { axis } }: Forward<ReduceAttrs>,
  least: boolean,
  choose: (place: number, index: number, from: number) => void,
): void {
  const { outer, n, inner } = around(inSpecs[0]!.shape, axis);
  const values = x!.planes[0]!;
  for (let o = 0; o < outer; o++) {
    for (let r = 0; r < inner; r++) {
      const first = o * n * inner + r;
      let best = values[first]!;
      let index = 0;
      for (let i = 1; i < n && !Number.isNaN(best); i++) {
        const value = values[first + i * inner]!;
        if (!(least ? value < best : value > best) && !Number.isNaN(value)) continue;
        best = value;
        index = i;
      }
      choose(o * inner + r, index, first + index * inner);
    }
  }
}
