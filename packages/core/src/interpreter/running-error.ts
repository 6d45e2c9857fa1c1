import { isFloat, roundToHalf, type HostArray } from "../dtype.ts";
import { valueOf, type ScalarRow } from "../primitives/scalar-table.ts";
import type { Algebra, Block, Buffer } from "./algebra.ts";
import { allocatePlanes, part } from "./dual.ts";
import { f64Algebra } from "./real.ts";

const f64Unit = 2 ** -53;
const halfUnit = 2 ** -11;

/**
 * Values in f64, each with a bound on how far any other evaluation of unit roundoff `unit` may be from it: whatever the
 * order of its sums, with or without fused multiply-adds. `2 ** -24` stands for f32, `2 ** -53` for f64.
 *
 * Planes: [value, bound, mass, terms]. Mass (Σ|terms|) and terms (their number) are the books of a running sum: a sum
 * of n terms has an error of at most γₙ·Σ|terms|, γₙ = nu/(1 − nu), in every order (Higham, "Accuracy and stability of
 * numerical algorithms", sections 3.1 and 4.2), so both grow with each accumulation.
 *
 * A row's `units` says how well one function is evaluated; results below the smallest normal number of their dtype may
 * be flushed to zero. Not covered: overflow, and choices (comparisons, max, sort, the quotient of mod) that an error of
 * this size would turn.
 */
export function runningErrorAlgebra(unit: number): Algebra {
  const single = unit > 2 ** -50;
  const tiny = single ? 2 ** -126 : 2 ** -1022;
  // An evaluation in f64 stores nothing narrower.
  const isHalf = ({ dtype }: Buffer): boolean => single && dtype === "f16";
  // The values here are rounded too: both evaluations may err.
  const unitOf = (c: Buffer): number => (isHalf(c) ? Math.max(unit, halfUnit) : unit) + f64Unit;
  const tinyOf = (c: Buffer): number => (isHalf(c) ? 2 ** -14 : tiny);

  /** Adds terms to a running sum: what they bring of their own error, then what adding them costs. */
  function accumulate(c: Buffer, at: number, own: number, mass: number, terms: number): void {
    const [, bound, masses, counts] = c.planes as [HostArray, HostArray, HostArray, HostArray];
    const u = unitOf(c);
    const before = gamma(counts[at]!, u) * masses[at]!;
    masses[at]! += mass;
    counts[at]! += terms;
    bound[at]! += own + gamma(counts[at]!, u) * masses[at]! - before + terms * tinyOf(c);
  }

  return {
    name: "running-error",
    allocate: (dtype, length) => allocatePlanes(dtype, length, 4),
    // A number is written down once and rounded by each evaluation: |fl(v) − v| ≤ u·|v|, and 0 where fl(v) is v, as it
    // is for 0, 1 and 0.5. Host data has been rounded to its dtype before either evaluation sees it, so it has no
    // error.
    fill(out, number) {
      f64Algebra.fill(out, number);
      const same = !single || (isHalf(out) ? roundToHalf(number) : Math.fround(number)) === number;
      if (isFloat(out.dtype) && !same) out.planes[1]!.fill(unitOf(out) * Math.abs(number) + tinyOf(out));
    },
    map(row, ins, out) {
      f64Algebra.map(row, ins, out);
      if (isFloat(out.dtype)) mapBounds(row, ins, out, unitOf(out), tinyOf(out));
    },
    contract(c, a, b, block) {
      if (isFloat(c.dtype)) {
        startSums(c, block.c, block.cm, block.m, block.cn, block.n);
        contractBounds(a, b, block, (at, own, mass) => accumulate(c, at, own, mass, block.k));
      }
      f64Algebra.contract(part(c, 0), part(a, 0), part(b, 0), block);
    },
    addRun(out, oo, os, x, xo, xs, count) {
      if (isFloat(out.dtype)) {
        startSums(out, oo, os, count, 0, 1);
        const [values, bounds] = x.planes as [HostArray, HostArray];
        for (let i = 0; i < count; i++) {
          const from = xo + i * xs;
          accumulate(out, oo + i * os, bounds[from]!, Math.abs(values[from]!) + bounds[from]!, 1);
        }
      }
      f64Algebra.addRun(out, oo, os, x, xo, xs, count);
    },
    // |x̂ŷ − xy| ≤ |x|·e_y + |y|·e_x + e_x·e_y, and one rounding.
    mulRun(out, oo, os, x, xo, xs, count) {
      for (let i = 0; i < count && isFloat(out.dtype); i++) {
        const [to, from] = [oo + i * os, xo + i * xs];
        const [value, bound] = [out.planes[0]!, out.planes[1]!];
        const [size, e] = [Math.abs(value[to]!), bound[to]!];
        const [otherSize, otherE] = [Math.abs(x.planes[0]![from]!), x.planes[1]![from]!];
        const carried = size * otherE + otherSize * e + e * otherE;
        bound[to] = carried + unitOf(out) * (size * otherSize + carried) + tinyOf(out);
        value[to]! *= x.planes[0]![from]!;
      }
      if (!isFloat(out.dtype)) f64Algebra.mulRun(out, oo, os, x, xo, xs, count);
    },
  };
}

/** γₙ, by which n roundings in a row can change a number at most, relative to it. */
function gamma(n: number, unit: number): number {
  return (n * unit) / (1 - n * unit);
}

/** A sum that starts from a value which was put there counts it as its first term. */
function startSums({ planes }: Buffer, first: number, rowStep: number, rows: number, step: number, n: number): void {
  const [values, bounds, masses, counts] = planes as [HostArray, HostArray, HostArray, HostArray];
  for (let i = 0; i < rows; i++) {
    for (let j = 0, at = first + i * rowStep; j < n; j++, at += step) {
      if (counts[at] !== 0 || (values[at] === 0 && bounds[at] === 0)) continue;
      masses[at] = Math.abs(values[at]!) + bounds[at]!;
      counts[at] = 1;
    }
  }
}

// âb̂ − ab = a·δb + δa·b + δa·δb, so an entry of C receives |a|·e_b + e_a·|b| + e_a·e_b from its operands' errors, and
// terms of size (|a| + e_a)(|b| + e_b).
function contractBounds(
  a: Buffer,
  b: Buffer,
  block: Block,
  add: (at: number, own: number, mass: number) => void,
): void {
  const [av, ae] = a.planes as [HostArray, HostArray];
  const [bv, be] = b.planes as [HostArray, HostArray];
  for (let i = 0; i < block.m; i++) {
    for (let j = 0; j < block.n; j++) {
      let own = 0;
      let mass = 0;
      for (let p = 0; p < block.k; p++) {
        const ai = block.a + i * block.am + p * block.ak;
        const bi = block.b + p * block.bk + j * block.bn;
        const [x, y] = [Math.abs(av[ai]!), Math.abs(bv[bi]!)];
        const carried = x * be[bi]! + ae[ai]! * y + ae[ai]! * be[bi]!;
        own += carried;
        mass += x * y + carried;
      }
      add(block.c + i * block.cm + j * block.cn, own, mass);
    }
  }
}

function mapBounds(row: ScalarRow, ins: readonly Buffer[], out: Buffer, unit: number, tiny: number): void {
  const f: (a: number, b: number) => number = valueOf(row, ins[0]!.dtype);
  const [values, bounds] = out.planes as [HostArray, HostArray];
  // An operand or a bound that is not there counts as 0.
  const none = new Float64Array(out.length);
  const [a = none, b = none] = ins.map(({ planes }) => planes[0]!);
  const [ea = none, eb = none] = ins.map(({ planes }) => planes[1]);
  for (let i = 0; i < out.length; i++) {
    const y = Math.abs(values[i]!);
    const moved = movement(row, f, [a[i]!, b[i]!], [ea[i]!, eb[i]!]);
    const bound = moved + row.units * unit * (y + moved) + (row.units > 0 ? tiny : 0);
    bounds[i] = Number.isNaN(bound) ? Infinity : bound;
  }
}

type Pair = readonly [number, number];

// How far f moves while its operands stay within e of their values. Over such a box a function monotone in each
// operand, or linear in each, moves most at a corner; for others (cos, powers) that is right to first order in e.
// Quotients and negative powers are monotone on either side of 0 only, so where an operand may be 0 that is asked too,
// and its pole answers Infinity or NaN. The tangent is asked because a corner may be so near that the step to it is
// mostly rounding.
function movement(row: ScalarRow, f: (a: number, b: number) => number, [a, b]: Pair, [ea, eb]: Pair): number {
  if (ea === 0 && eb === 0) return 0;
  const y = f(a, b);
  const [fa, fb] = row.arity === 1 ? [row.slope?.(a) ?? 0, 0] : (row.slopes?.(a, b) ?? [0, 0]);
  const tangent = (ea === 0 ? 0 : Math.abs(fa) * ea) + (eb === 0 ? 0 : Math.abs(fb) * eb);
  let most = tangent;
  for (const p of places(a, ea)) for (const q of places(b, eb)) most = Math.max(most, Math.abs(f(p, q) - y));
  return most;
}

/** The ends of an operand's interval, and 0 where it lies between. */
function places(x: number, e: number): number[] {
  if (e === 0) return [x];
  return Math.abs(x) <= e ? [x - e, 0, x + e] : [x - e, x + e];
}
