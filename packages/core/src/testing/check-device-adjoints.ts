import type { HostArray } from "../dtype.ts";
import { broadcastTo, transpose } from "../ops/views.ts";
import { sum } from "../ops/reductions.ts";
import type { Attrs, Primitive } from "../primitive.ts";
import { convGradFilterPrimitive, convGradInputPrimitive, convPrimitive } from "../primitives/conv.ts";
import { dot } from "../primitives/dot.ts";
import { gatherPrimitive, scatterAddPrimitive } from "../primitives/gather-scatter.ts";
import { poolGatherPrimitive, poolScatterPrimitive } from "../primitives/max-pool.ts";
import { padPrimitive, slicePrimitive } from "../primitives/pad-slice.ts";
import { windowSpreadPrimitive, windowSumPrimitive } from "../primitives/window-sum.ts";
import type { Shape } from "../shape.ts";
import { apply, tensor, type Tensor } from "../tensor.ts";
import { during, requireExactAgreement, type DeviceLaw } from "./check-device-values.ts";
import { choosing, type Choose } from "./choose.ts";
import { drawInput } from "./draw.ts";
import { chooseConvCase, choosePoolCase } from "./window-cases.ts";

// Whole numbers so small that every sum of products stays below 2²⁴ are added without rounding in f32, in any order: so
// the identities between an operation and its adjoints hold bit for bit, on every device and for every schedule.

/** One case of an identity: results on the device, and with what each is multiplied to give the same number. */
interface Identity {
  readonly results: readonly Tensor[];
  readonly partners: readonly Tensor[];
  readonly describe: string;
}

function law(title: string, seed: number, cases: number, make: (choose: Choose) => Identity): DeviceLaw {
  return {
    title,
    async check(device) {
      for (let i = 0; i < cases; i++) {
        const { results, partners, describe } = make(choosing(seed + i));
        await during(`${describe}, seed ${seed + i}`, async () => {
          const values = await requireExactAgreement(device, results);
          const forms = values.map((each, k) => inner(each, partners[k]!));
          if (forms.every((form) => form === forms[0])) return;
          throw new Error(`the forms that should be one number are ${forms.join(", ")}`);
        });
      }
    },
  };
}

/** ⟨values, x⟩, exact. */
function inner(values: HostArray, { node }: Tensor): number {
  const data: ArrayLike<number> = node.slot?.kind === "data" ? node.slot.data : [];
  return Array.from(values).reduce((total, value, i) => total + value * data[i]!, 0);
}

const wholes = (shape: Shape, { draw }: Choose, wholeUpTo = 9): Tensor => drawInput({ shape }, draw, { wholeUpTo });

function convolution(choose: Choose): Identity {
  const { x: xs, w: ws, y: ys, attrs, bound } = chooseConvCase(choose);
  const [x, w, dy] = [xs, ws, ys].map((shape) => wholes(shape, choose, bound)) as [Tensor, Tensor, Tensor];
  const results = [
    apply(convPrimitive, [x, w], attrs),
    apply(convGradInputPrimitive, [dy, w], { ...attrs, inputSpatial: xs.slice(1, -1) }),
    apply(convGradFilterPrimitive, [x, dy], { ...attrs, kernel: ws.slice(0, -2) }),
  ];
  return { results, partners: [dy, x, w], describe: JSON.stringify({ x: xs, w: ws, ...attrs }) };
}

const swapped = (x: Tensor): Tensor => transpose(x, [0, 2, 1]);

function product(choose: Choose): Identity {
  const [batch, m, k, n] = [0, 1, 2, 3].map(() => choose.below(12)) as [number, number, number, number];
  const [a, b, dC] = [wholes([batch, m, k], choose), wholes([batch, k, n], choose), wholes([batch, m, n], choose)];
  const results = [dot(a, b), dot(dC, swapped(b)), dot(swapped(a), dC)];
  return { results, partners: [dC, a, b], describe: JSON.stringify({ batch, m, k, n }) };
}

/** y = f(x) and dx = fᵀ(dy) for a linear f. */
function pair(f: Tensor, x: Tensor, adjoint: Tensor, dy: Tensor, attrs: Attrs): Identity {
  return { results: [f, adjoint], partners: [dy, x], describe: JSON.stringify({ shape: x.shape, ...attrs }) };
}

function windowSums(choose: Choose): Identity {
  const { x: xs, y: ys, attrs, inputSpatial } = choosePoolCase(choose);
  const [x, dy] = [wholes(xs, choose), wholes(ys, choose)];
  const sums = apply(windowSumPrimitive, [x], attrs);
  return pair(sums, x, apply(windowSpreadPrimitive, [dy], { ...attrs, inputSpatial }), dy, attrs);
}

function windowMaxima(choose: Choose): Identity {
  const { x: xs, y: ys, attrs } = choosePoolCase(choose);
  // Three different values only: ties everywhere.
  const [selector, x, dy] = [wholes(xs, choose, 1), wholes(xs, choose), wholes(ys, choose)];
  const chosen = apply(poolGatherPrimitive, [selector, x], attrs);
  return pair(chosen, x, apply(poolScatterPrimitive, [selector, dy], attrs), dy, attrs);
}

/** Up to three axes of up to five elements, and one of them. */
function chooseShape({ below }: Choose): { shape: number[]; axis: number } {
  const shape = Array.from({ length: 1 + below(3) }, () => 1 + below(5));
  return { shape, axis: below(shape.length) };
}

function indexed(choose: Choose): Identity {
  const { shape, axis } = chooseShape(choose);
  const size = shape[axis]!;
  const places = Array.from({ length: choose.below(7) }, () => choose.below(size + 2) - 1);
  const indices = tensor(places, { dtype: "i32", shape: [places.length] });
  const [x, dy] = [wholes(shape, choose), wholes(shape.with(axis, places.length), choose)];
  const read = apply(gatherPrimitive, [x, indices], { axis });
  return pair(read, x, apply(scatterAddPrimitive, [dy, indices], { axis, size }), dy, { axis, places });
}

function padded(choose: Choose): Identity {
  const { shape } = chooseShape(choose);
  const [low, high, interior] = [3, 3, 3].map((n) => shape.map(() => choose.below(n))) as [
    number[],
    number[],
    number[],
  ];
  const x = wholes(shape, choose);
  const y = apply(padPrimitive as Primitive, [x], { low, high, interior });
  const dy = wholes(y.shape, choose);
  const steps = interior.map((zeros) => zeros + 1);
  const read = apply(slicePrimitive as Primitive, [dy], { starts: low, sizes: shape, steps });
  return pair(y, x, read, dy, { low, high, interior });
}

function stretched(choose: Choose): Identity {
  const { shape, axis } = chooseShape(choose);
  const x = wholes(shape.with(axis, 1), choose);
  const dy = wholes([2, ...shape], choose);
  return pair(broadcastTo(x, dy.shape), x, sum(sum(dy, 0), axis, { keepDims: true }), dy, { to: dy.shape });
}

/** An operation and its adjoints are one form: so many random cases of each. */
export function adjointLaws(seed: number, cases: number): DeviceLaw[] {
  return [
    law("⟨conv(x, w), dy⟩ = ⟨x, convGradInput(dy, w)⟩ = ⟨w, convGradFilter(x, dy)⟩", seed, 3 * cases, convolution),
    law("⟨A·B, dC⟩ = ⟨A, dC·Bᵀ⟩ = ⟨B, Aᵀ·dC⟩", seed, 2 * cases, product),
    law("the sum over windows and the spread over windows are adjoint", seed, cases, windowSums),
    law("the maxima of windows and their scatter are adjoint, ties included", seed, cases, windowMaxima),
    law("gather and scatterAdd are adjoint, indices outside included", seed, cases, indexed),
    law("pad and slice are adjoint, with zeros between", seed, cases, padded),
    law("broadcast and sum are adjoint", seed, cases, stretched),
  ];
}
