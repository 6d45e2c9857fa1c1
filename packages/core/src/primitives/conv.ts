import { shapeError } from "../errors.ts";
import type { Block } from "../interpreter/algebra.ts";
import type { Primitive, Spec } from "../primitive.ts";
import { sameShape, showShape, type Shape } from "../shape.ts";
import { apply } from "../tensor.ts";
import { convGeometry, forEachConvRun, type ConvAttrs, type ConvGeometry } from "./conv-geometry.ts";
import { commonFloat } from "./operands.ts";

// Convolution is one trilinear form of inputs x, filters w and output cotangents dy (p = i·stride − low + k·dilation):
//
//   T(x, w, dy) = Σ x[n, p, c] · w[k, c, o] · dy[n, i, o]
//
// Its three partial derivatives are the three primitives of this file:
//
//   conv(x, w) = ∂T/∂dy        convGradInput(dy, w) = ∂T/∂x        convGradFilter(x, dy) = ∂T/∂w
//
// Each is bilinear, and its vjp is the other two: paired with its cotangent it is T again, and what stands beside
// either input in T is T's derivative in that input. So the set is closed, for every order of derivative.
//
// All three are one matrix product, position × channel × filter, over the same runs with the roles permuted.

// What dy came from cannot be read off its shape: a stride maps several input sizes to one, and each goes with another
// kernel. So both gradients are told the size of what they give.
export type ConvGradInputAttrs = ConvAttrs & { readonly inputSpatial: readonly number[] };
export type ConvGradFilterAttrs = ConvAttrs & { readonly kernel: readonly number[] };

/** y[i, o] = Σ x[p, c] · w[k, c, o]: x [N, …spatial, C], w [...kernel, C/groups, O] → [N, …out, O]. */
export const convPrimitive: Primitive<ConvAttrs> = {
  name: "conv",
  infer: (ins, attrs) => ({ shape: geometryOfConv(ins, attrs).y, dtype: commonFloat("conv", ins) }),
  forward({ algebra, ins: [x, w], out, inSpecs, attrs }) {
    const geometry = geometryOfConv(inSpecs, attrs);
    const { c, o, step } = geometry;
    // Neighbouring taps lie side by side in x and in w, so they make k longer.
    const block = blockOf(o, 0, [step.y, 1], [step.x, 1], [step.o, 1]);
    forEachConvRun(geometry, true, (run) => {
      block.m = run.count;
      block.k = run.taps * c;
      block.c = run.y;
      block.a = run.x;
      block.b = run.w;
      algebra.contract(out, x!, w!, block);
    });
  },
  // ⟨dy, conv(x, w)⟩ = T(x, w, dy)  ⇒  dx = ∂T/∂x (w, dy)      dw = ∂T/∂w (x, dy)
  vjp: (dy, { ins: [x, w], attrs }) => [
    apply(convGradInputPrimitive, [dy, w!], { ...attrs, inputSpatial: x!.shape.slice(1, -1) }),
    apply(convGradFilterPrimitive, [x!, dy], { ...attrs, kernel: w!.shape.slice(0, -2) }),
  ],
  linearIn: [0, 1],
  samples: cases().map(({ x, w, attrs }) => ({ ins: [{ shape: x }, { shape: w }], attrs })),
};

/** dx[p, c] = Σ dy[i, o] · w[k, c, o]: also known as transposed convolution. */
export const convGradInputPrimitive: Primitive<ConvGradInputAttrs> = {
  name: "convGradInput",
  infer: (ins, attrs) => ({ shape: geometryOfGradInput(ins, attrs).x, dtype: commonFloat("convGradInput", ins) }),
  forward({ algebra, ins: [dy, w], out, inSpecs, attrs }) {
    const geometry = geometryOfGradInput(inSpecs, attrs);
    const { c, o, step } = geometry;
    // One tap at a time: neighbouring taps would add to the same element from two rows of one block.
    const block = blockOf(c, o, [step.x, 1], [step.y, 1], [1, step.o]);
    forEachConvRun(geometry, false, (run) => {
      block.m = run.count;
      block.c = run.x;
      block.a = run.y;
      block.b = run.w;
      algebra.contract(out, dy!, w!, block);
    });
  },
  // ⟨ddx, convGradInput(dy, w)⟩ = T(ddx, w, dy)  ⇒  the cotangents: of dy ∂T/∂dy (ddx, w), of w ∂T/∂w (ddx, dy)
  vjp: (ddx, { ins: [dy, w], attrs }) => [
    apply(convPrimitive, [ddx, w!], sharedAttrs(attrs)),
    apply(convGradFilterPrimitive, [ddx, dy!], { ...sharedAttrs(attrs), kernel: w!.shape.slice(0, -2) }),
  ],
  linearIn: [0, 1],
  samples: cases().map(({ x, w, y, attrs }) => ({
    ins: [{ shape: y }, { shape: w }],
    attrs: { ...attrs, inputSpatial: x.slice(1, -1) },
  })),
};

/** dw[k, c, o] = Σ x[p, c] · dy[i, o], summed over the batch and all outputs that tap k reaches. */
export const convGradFilterPrimitive: Primitive<ConvGradFilterAttrs> = {
  name: "convGradFilter",
  infer: (ins, attrs) => ({ shape: geometryOfGradFilter(ins, attrs).w, dtype: commonFloat("convGradFilter", ins) }),
  forward({ algebra, ins: [x, dy], out, inSpecs, attrs }) {
    const geometry = geometryOfGradFilter(inSpecs, attrs);
    const { c, o, step } = geometry;
    const block = blockOf(o, 0, [step.o, 1], [1, step.x], [step.y, 1]);
    forEachConvRun(geometry, true, (run) => {
      block.m = run.taps * c;
      block.k = run.count;
      block.c = run.w;
      block.a = run.x;
      block.b = run.y;
      algebra.contract(out, x!, dy!, block);
    });
  },
  // ⟨ddw, convGradFilter(x, dy)⟩ = T(x, ddw, dy)  ⇒  the cotangents: of x ∂T/∂x (ddw, dy), of dy ∂T/∂dy (x, ddw)
  vjp: (ddw, { ins: [x, dy], attrs }) => [
    apply(convGradInputPrimitive, [dy!, ddw], { ...sharedAttrs(attrs), inputSpatial: x!.shape.slice(1, -1) }),
    apply(convPrimitive, [x!, ddw], sharedAttrs(attrs)),
  ],
  linearIn: [0, 1],
  samples: cases().map(({ x, w, y, attrs }) => ({
    ins: [{ shape: x }, { shape: y }],
    attrs: { ...attrs, kernel: w.slice(0, -2) },
  })),
};

/** What all three share, without the size that only one of them has to be told. */
function sharedAttrs({ stride, padding, dilation, groups }: ConvAttrs): ConvAttrs {
  return { stride, padding, dilation, groups };
}

type Steps = readonly [row: number, column: number];

/**
 * n, k and the layouts of C, A and B, which are the same for all runs; each run sets the rest (k too, where it varies).
 */
function blockOf(n: number, k: number, [cm, cn]: Steps, [am, ak]: Steps, [bk, bn]: Steps): Block {
  return { m: 0, n, k, c: 0, cm, cn, a: 0, am, ak, b: 0, bk, bn };
}

function geometryOfConv([x, w]: readonly Spec[], attrs: ConvAttrs): ConvGeometry {
  return convGeometry("conv", x!.shape, w!.shape, attrs);
}

function geometryOfGradInput([dy, w]: readonly Spec[], attrs: ConvGradInputAttrs): ConvGeometry {
  const x = [dy!.shape[0]!, ...attrs.inputSpatial, (w!.shape.at(-2) ?? 0) * attrs.groups];
  return requireOutputs("convGradInput", dy!.shape, convGeometry("convGradInput", x, w!.shape, attrs));
}

function geometryOfGradFilter([x, dy]: readonly Spec[], attrs: ConvGradFilterAttrs): ConvGeometry {
  const w = [...attrs.kernel, Math.floor((x!.shape.at(-1) ?? 0) / attrs.groups), dy!.shape.at(-1) ?? 0];
  return requireOutputs("convGradFilter", dy!.shape, convGeometry("convGradFilter", x!.shape, w, attrs));
}

function requireOutputs(who: string, dy: Shape, geometry: ConvGeometry): ConvGeometry {
  if (sameShape(dy, geometry.y)) return geometry;
  throw shapeError(who, `dy ${showShape(geometry.y)}, the shape of the convolution's output`, showShape(dy));
}

interface Case {
  readonly x: Shape;
  readonly w: Shape;
  readonly y: Shape;
  readonly attrs: ConvAttrs;
}

/**
 * One call for the samples of each primitive: two axes with everything uneven, groups, depthwise in 3-d, no axes, all
 * border.
 */
// prettier-ignore
function cases(): readonly Case[] {
  return [
    { x: [2, 5, 4, 2], w: [3, 2, 2, 3], y: [2, 2, 4, 3],
      attrs: { stride: [2, 1], padding: [[1, 0], [0, 2]], dilation: [1, 2], groups: 1 } },
    { x: [1, 7, 4], w: [3, 2, 6], y: [1, 2, 6], attrs: { stride: [3], padding: [[0, 1]], dilation: [1], groups: 2 } },
    { x: [1, 3, 2, 3, 2], w: [2, 2, 1, 1, 2], y: [1, 2, 1, 3, 2],
      attrs: { stride: [1, 1, 1], padding: [[0, 0], [0, 0], [0, 0]], dilation: [1, 1, 1], groups: 2 } },
    { x: [3, 2], w: [2, 4], y: [3, 4], attrs: { stride: [], padding: [], dilation: [], groups: 1 } },
    { x: [1, 1, 1, 2], w: [3, 3, 2, 1], y: [1, 1, 1, 1],
      attrs: { stride: [1, 1], padding: [[1, 1], [1, 1]], dilation: [1, 1], groups: 1 } },
  ];
}
