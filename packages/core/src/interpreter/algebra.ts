import type { DType, HostArray } from "../dtype.ts";
import type { ScalarRow } from "../primitives/scalar-table.ts";

/**
 * The values of one tensor under an algebra. A float tensor has one plane for each number that makes up a scalar (a
 * dual number has two: value and derivative), all of the same length; an integer or bool tensor has its value plane
 * alone.
 */
export interface Buffer {
  readonly dtype: DType;
  readonly length: number;
  /** planes[0] holds the values. */
  readonly planes: readonly HostArray[];
}

/**
 * The matrix product block C[m, n] += Σ_k A[m, k] · B[k, n]. In elements: c, a and b are the offsets of the first
 * scalars, cm is how far one step along m goes in C, and so on; a stride may be zero. Written with its fields in this
 * order everywhere, so that engines see one kind of object in the hottest loop.
 */
export interface Block {
  m: number;
  n: number;
  k: number;
  c: number;
  cm: number;
  cn: number;
  a: number;
  am: number;
  ak: number;
  b: number;
  bk: number;
  bn: number;
}

/**
 * A scalar algebra, given by what it can do to runs of scalars. Forwards are written once, as index arithmetic that
 * ends in these calls; each algebra brings its own loops, so that plain numbers never pay for duals having run. Moving
 * scalars needs no algebra: `moveRun` copies every plane.
 *
 * In runs, oo and os are the offset and the stride in out, xo and xs those in x.
 */
export interface Algebra {
  readonly name: string;
  /** Zeroed buffer of `length` scalars. */
  allocate(dtype: DType, length: number): Buffer;
  /** Every element one number, rounded as the planes round it: it need not be one of the dtype. */
  fill(out: Buffer, number: number): void;
  /** out[i] = row(ins[0][i], ins[1][i] …); all of one length. Integer outputs read value planes only. */
  map(row: ScalarRow, ins: readonly Buffer[], out: Buffer): void;
  /** C += A·B on one block. The only multiplication contractions use. */
  contract(c: Buffer, a: Buffer, b: Buffer, block: Block): void;
  /** out[oo + i·os] += x[xo + i·xs] for i < count. */
  addRun(out: Buffer, oo: number, os: number, x: Buffer, xo: number, xs: number, count: number): void;
  /** out[oo + i·os] *= x[xo + i·xs] for i < count. */
  mulRun(out: Buffer, oo: number, os: number, x: Buffer, xo: number, xs: number, count: number): void;
}
