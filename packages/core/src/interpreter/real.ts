import { hostArray, isFloat, type DType, type HostArray } from "../dtype.ts";
import { valueOf } from "../primitives/scalar-table.ts";
import type { Algebra, Block, Buffer } from "./algebra.ts";
import { fresh } from "./fresh.ts";

/** The loops of plain numbers, on bare arrays. The other algebras build their multilinear operations from them. */
export interface Loops {
  contract(c: HostArray, a: HostArray, b: HostArray, block: Block): void;
  addRun(out: HostArray, oo: number, os: number, x: HostArray, xo: number, xs: number, count: number): void;
  mulRun(out: HostArray, oo: number, os: number, x: HostArray, xo: number, xs: number, count: number): void;
  map1(f: (x: number) => number, x: HostArray, y: HostArray): void;
  map2(f: (a: number, b: number) => number, a: HostArray, b: HostArray, y: HostArray): void;
  /** The four operations that training does most, without a call for each element. */
  arithmetic(name: string, a: HostArray, b: HostArray, y: HostArray): boolean;
}

// Products and partial sums are taken in f64, as JavaScript does, and rounded when they are stored: in f32 at least as
// accurate as single precision, and exact wherever the sums are exact.
// Everything below is inside one function without outside names, so that `fresh` can make separate code of it: hence its
// length, and hence inner functions that could stand outside.
// oxlint-disable-next-line eslint/max-lines-per-function
function realLoops(): Loops {
  // oxlint-disable unicorn/consistent-function-scoping
  // C row by row, four values of k at a time: one load and one store of C for four multiply-adds.
  function outer(c: HostArray, a: HostArray, b: HostArray, { m, n, k, ...at }: Block): void {
    const { cn, ak, bk, bn } = at;
    for (let i = 0; i < m; i++) {
      const row = at.c + i * at.cm;
      let ai = at.a + i * at.am;
      let bi = at.b;
      let p = 0;
      for (; p + 4 <= k; p += 4) {
        const a0 = a[ai]!;
        const a1 = a[ai + ak]!;
        const a2 = a[ai + 2 * ak]!;
        const a3 = a[ai + 3 * ak]!;
        let b0 = bi;
        let b1 = bi + bk;
        let b2 = b1 + bk;
        let b3 = b2 + bk;
        for (let j = 0, ci = row; j < n; j++, ci += cn) {
          c[ci] = c[ci]! + a0 * b[b0]! + a1 * b[b1]! + a2 * b[b2]! + a3 * b[b3]!;
          b0 += bn;
          b1 += bn;
          b2 += bn;
          b3 += bn;
        }
        ai += 4 * ak;
        bi += 4 * bk;
      }
      for (; p < k; p++) {
        const a0 = a[ai]!;
        for (let j = 0, ci = row, b0 = bi; j < n; j++, ci += cn, b0 += bn) c[ci] = c[ci]! + a0 * b[b0]!;
        ai += ak;
        bi += bk;
      }
    }
  }

  // Few columns and a long sum: one dot product for each element of C.
  function inner(c: HostArray, a: HostArray, b: HostArray, { m, n, k, ...at }: Block): void {
    const { ak, bk } = at;
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let ai = at.a + i * at.am;
        let bi = at.b + j * at.bn;
        let sum = 0;
        for (let p = 0; p < k; p++) {
          sum += a[ai]! * b[bi]!;
          ai += ak;
          bi += bk;
        }
        const ci = at.c + i * at.cm + j * at.cn;
        c[ci] = c[ci]! + sum;
      }
    }
  }

  return {
    contract(c, a, b, block) {
      if (block.n < 4 && block.k > block.n) inner(c, a, b, block);
      else outer(c, a, b, block);
    },
    addRun(out, oo, os, x, xo, xs, count) {
      if (os === 0) {
        let sum = out[oo]!;
        for (let i = 0; i < count; i++) sum += x[xo + i * xs]!;
        if (count > 0) out[oo] = sum;
      } else for (let i = 0; i < count; i++) out[oo + i * os] = out[oo + i * os]! + x[xo + i * xs]!;
    },
    mulRun(out, oo, os, x, xo, xs, count) {
      for (let i = 0; i < count; i++) out[oo + i * os] = out[oo + i * os]! * x[xo + i * xs]!;
    },
    map1(f, x, y) {
      for (let i = 0; i < y.length; i++) y[i] = f(x[i]!);
    },
    map2(f, a, b, y) {
      for (let i = 0; i < y.length; i++) y[i] = f(a[i]!, b[i]!);
    },
    arithmetic(name, a, b, y) {
      const n = y.length;
      if (name === "add") for (let i = 0; i < n; i++) y[i] = a[i]! + b[i]!;
      else if (name === "sub") for (let i = 0; i < n; i++) y[i] = a[i]! - b[i]!;
      else if (name === "mul") for (let i = 0; i < n; i++) y[i] = a[i]! * b[i]!;
      else if (name === "div") for (let i = 0; i < n; i++) y[i] = a[i]! / b[i]!;
      else return false;
      return true;
    },
  };
}

export const f32Loops: Loops = fresh(realLoops);
export const f64Loops: Loops = fresh(realLoops);
const integerLoops: Loops = fresh(realLoops);

/** Plain numbers. At precision "f32" each dtype computes as itself; at "f64" every float dtype computes in f64. */
function realAlgebra(precision: "f32" | "f64"): Algebra {
  const storage = (dtype: DType): DType => {
    if (!isFloat(dtype)) return dtype;
    return dtype === "f64" || precision === "f64" ? "f64" : "f32";
  };
  const loopsFor = ({ dtype }: Buffer): Loops => {
    if (!isFloat(dtype)) return integerLoops;
    return storage(dtype) === "f64" ? f64Loops : f32Loops;
  };
  return {
    name: precision,
    allocate: (dtype, length) => ({ dtype, length, planes: [hostArray(storage(dtype), length)] }),
    fill: (out, number) => void out.planes[0]!.fill(number),
    map(row, ins, out) {
      const loops = loopsFor(ins[0]!);
      const [a, b] = ins.map((x) => x.planes[0]!);
      const y = out.planes[0]!;
      if (row.arity === 1) loops.map1(valueOf(row, ins[0]!.dtype), a!, y);
      else if (!isFloat(out.dtype) || !loops.arithmetic(row.name, a!, b!, y)) {
        loops.map2(valueOf(row, ins[0]!.dtype), a!, b!, y);
      }
    },
    contract: (c, a, b, block) => loopsFor(c).contract(c.planes[0]!, a.planes[0]!, b.planes[0]!, block),
    addRun: (out, oo, os, x, xo, xs, n) => loopsFor(out).addRun(out.planes[0]!, oo, os, x.planes[0]!, xo, xs, n),
    mulRun: (out, oo, os, x, xo, xs, n) => loopsFor(out).mulRun(out.planes[0]!, oo, os, x.planes[0]!, xo, xs, n),
  };
}

export const f32Algebra: Algebra = realAlgebra("f32");
export const f64Algebra: Algebra = realAlgebra("f64");
