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
  /** The four operations that training does most, without a call for each element; false for any other name. */
  arithmetic(name: string, a: HostArray, b: HostArray, y: HostArray): boolean;
}

// Products and partial sums are taken in f64, as JavaScript does, and rounded when they are stored: in f32 at least as
// accurate as single precision, and exact wherever the sums are exact.
//
// Everything below is inside one function without outside names, so that `fresh` can make separate code of it: hence
// its length, and hence inner functions that could stand outside.
// oxlint-disable-next-line eslint/max-lines-per-function
export function realLoops(): Loops {
  // oxlint-disable unicorn/consistent-function-scoping
  function contract(c: HostArray, a: HostArray, b: HostArray, block: Block): void {
    const { m, n } = block;
    for (let i = 0; i < m; i += 2) {
      // The last of an odd number of rows is its own neighbour: summed twice, added once.
      const rows = i + 1 < m ? 2 : 1;
      let j = 0;
      for (; j + 4 <= n; j += 4) tile(c, a, b, block, i, j, rows);
      for (; j < n; j++) for (let r = 0; r < rows; r++) addDot(c, a, b, block, i + r, j);
    }
  }

  // Two rows and four columns: eight sums run along k beside each other, so that six loads serve eight multiply-adds
  // and no addition waits for the one before it. `| 0` because an engine may keep a block's fields as doubles, and
  // indexing with those halves the speed.
  function tile(c: HostArray, a: HostArray, b: HostArray, block: Block, i: number, j: number, rows: number): void {
    const k = block.k | 0;
    const ak = block.ak | 0;
    const bk = block.bk | 0;
    const bn = block.bn | 0;
    const next = rows === 2 ? block.am | 0 : 0;
    let ai = (block.a + i * block.am) | 0;
    let bi = (block.b + j * bn) | 0;
    let s00 = 0;
    let s01 = 0;
    let s02 = 0;
    let s03 = 0;
    let s10 = 0;
    let s11 = 0;
    let s12 = 0;
    let s13 = 0;
    for (let p = 0; p < k; p++) {
      const a0 = a[ai]!;
      const a1 = a[ai + next]!;
      const b0 = b[bi]!;
      const b1 = b[bi + bn]!;
      const b2 = b[bi + 2 * bn]!;
      const b3 = b[bi + 3 * bn]!;
      s00 += a0 * b0;
      s01 += a0 * b1;
      s02 += a0 * b2;
      s03 += a0 * b3;
      s10 += a1 * b0;
      s11 += a1 * b1;
      s12 += a1 * b2;
      s13 += a1 * b3;
      ai += ak;
      bi += bk;
    }
    const cn = block.cn | 0;
    const ci = (block.c + i * block.cm + j * cn) | 0;
    add4(c, ci, cn, s00, s01, s02, s03);
    if (rows === 2) add4(c, (ci + block.cm) | 0, cn, s10, s11, s12, s13);
  }

  function add4(c: HostArray, at: number, step: number, s0: number, s1: number, s2: number, s3: number): void {
    c[at] = c[at]! + s0;
    c[at + step] = c[at + step]! + s1;
    c[at + 2 * step] = c[at + 2 * step]! + s2;
    c[at + 3 * step] = c[at + 3 * step]! + s3;
  }

  function addDot(c: HostArray, a: HostArray, b: HostArray, block: Block, i: number, j: number): void {
    const k = block.k | 0;
    const ak = block.ak | 0;
    const bk = block.bk | 0;
    let ai = (block.a + i * block.am) | 0;
    let bi = (block.b + j * block.bn) | 0;
    let sum = 0;
    for (let p = 0; p < k; p++) {
      sum += a[ai]! * b[bi]!;
      ai += ak;
      bi += bk;
    }
    const ci = (block.c + i * block.cm + j * block.cn) | 0;
    c[ci] = c[ci]! + sum;
  }

  return {
    contract,
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

// One copy of the loops for each kind of array, so that an engine sees one kind in each.
export const f32Loops: Loops = fresh(realLoops);
export const f64Loops: Loops = fresh(realLoops);
const integerLoops: Loops = {
  ...fresh(realLoops),
  // A product of two words has up to 64 bits; f64 would round off low ones, and those are what is kept.
  mulRun(out, oo, os, x, xo, xs, count) {
    for (let i = 0; i < count; i++) out[oo + i * os] = Math.imul(out[oo + i * os]!, x[xo + i * xs]!);
  },
};

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

/** Plain numbers, each dtype as itself: what the interpreter computes with. */
export const f32Algebra: Algebra = realAlgebra("f32");
/** Plain numbers, every float dtype in f64: the reference for others. */
export const f64Algebra: Algebra = realAlgebra("f64");
