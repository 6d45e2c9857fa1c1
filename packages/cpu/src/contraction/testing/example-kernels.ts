import type { ContractionKernel, Expr, Schedule } from "@steelyard/compiler";

// Contractions as the compiler writes them, by hand: the shapes that tests and measurements run.

export const sum: Expr = { kind: "accumulator", dtype: "f32", position: 0 };

export interface ConvShape {
  readonly n: number;
  readonly c: number;
  readonly o: number;
  /** Of the output. */
  readonly h: number;
  readonly w: number;
  readonly kh: number;
  readonly kw: number;
  readonly stride?: number;
}

/** Sizes of the input with its border of zeros. */
function paddedSize({ h, w, kh, kw, stride = 1 }: ConvShape): { height: number; width: number } {
  return { height: (h - 1) * stride + kh, width: (w - 1) * stride + kw };
}

/** y[n, oh, ow, o] = Σ x[n, s·oh + r, s·ow + t, c] · w[r, t, c, o] over a padded x. */
export function convForward(shape: ConvShape, schedule: Schedule): ContractionKernel {
  const { n, c, o, h, w, kh, kw, stride = 1 } = shape;
  const { height, width } = paddedSize(shape);
  return {
    kind: "contraction",
    name: "conv",
    outer: [
      { size: n, a: height * width * c, b: 0, c: h * w * o },
      { size: h, a: stride * width * c, b: 0, c: w * o },
    ],
    m: { size: w, a: stride * c, c: o },
    n: { size: o, b: 1 },
    k: [
      { size: kh, a: width * c, b: kw * c * o },
      { size: kw * c, a: 1, b: o },
    ],
    start: { a: 0, b: 0, c: 0 },
    epilogue: sum,
    buffers: ["f32", "f32", "f32"],
    numbers: [],
    schedule,
  };
}

/** dw[r, t·c, o] = Σ x[n, s·oh + r, s·ow + t, c] · dy[n, oh, ow, o]. */
export function convFilterGradient(shape: ConvShape, schedule: Schedule): ContractionKernel {
  const { n, c, o, h, w, kh, kw, stride = 1 } = shape;
  const { height, width } = paddedSize(shape);
  return {
    kind: "contraction",
    name: "convGradFilter",
    outer: [{ size: kh, a: width * c, b: 0, c: kw * c * o }],
    m: { size: kw * c, a: 1, c: o },
    n: { size: o, b: 1 },
    k: [
      { size: n, a: height * width * c, b: h * w * o },
      { size: h, a: stride * width * c, b: w * o },
      { size: w, a: stride * c, b: o },
    ],
    start: { a: 0, b: 0, c: 0 },
    epilogue: sum,
    buffers: ["f32", "f32", "f32"],
    numbers: [],
    schedule,
  };
}

/** C[m, n] = Σ A[m, k] · B[k, n]. */
export function matrixProduct(m: number, k: number, n: number, schedule: Schedule): ContractionKernel {
  return {
    kind: "contraction",
    name: "dot",
    outer: [],
    m: { size: m, a: k, c: n },
    n: { size: n, b: 1 },
    k: [{ size: k, a: 1, b: n }],
    start: { a: 0, b: 0, c: 0 },
    epilogue: sum,
    buffers: ["f32", "f32", "f32"],
    numbers: [],
    schedule,
  };
}
