import type { Affine, Expr } from "@steelyard/compiler";
import type { DType } from "@steelyard/core";
import { sum } from "./example-kernels.ts";

/** An epilogue over a kernel with so many outer axes. */
export interface EpilogueMaker {
  /** Coefficients of what it reads, over [outer…, m, n]. */
  readonly companions: readonly (readonly number[])[];
  readonly numbers: readonly number[];
  /** Of the companions; f32 where it is left out. */
  readonly dtypes?: readonly DType[];
  /** Elements of them beyond those that their coefficients reach. */
  readonly spare: number;
  expr(at: readonly Affine[], sizes: { readonly m: number; readonly n: number }): Expr;
}

const f32 = { dtype: "f32" } as const;
const call = (name: string, ...args: Expr[]): Expr => ({ kind: "call", ...f32, name, args });
const load = (position: number, at: Affine): Expr => ({ kind: "load", ...f32, buffer: 2 + position, at });
const constant = (value: number): Expr => ({ kind: "constant", ...f32, value });
const number = (position: number): Expr => ({ kind: "number", ...f32, position });
const along = (rank: number, m: number, n: number): number[] => [
  ...Array.from({ length: rank }, (_, i) => i + 1),
  m,
  n,
];

export const epilogues: Readonly<Record<string, (rank: number) => EpilogueMaker>> = {
  sum: () => ({ companions: [], numbers: [], spare: 0, expr: () => sum }),
  bias: (rank) => ({
    companions: [
      [
        ...along(rank, 0, 0)
          .map(() => 0)
          .slice(0, -1),
        1,
      ],
    ],
    numbers: [],
    spare: 0,
    expr: ([bias]) => call("add", sum, load(0, bias!)),
  }),
  relu: () => ({ companions: [], numbers: [], spare: 0, expr: () => call("relu", sum) }),
  // number₀ · sum + residual
  residual: (rank) => ({
    companions: [along(rank, 50, 1)],
    numbers: [3],
    spare: 0,
    expr: ([x]) => call("add", call("mul", number(0), sum), load(0, x!)),
  }),
  // sum > x ? sum : −y, with rows of y that go down
  choice: (rank) => ({
    companions: [along(rank, 3, 1), along(rank, -7, 1)],
    numbers: [],
    spare: 0,
    expr: ([x, y]) => {
      const condition: Expr = { kind: "call", dtype: "bool", name: "greater", args: [sum, load(0, x!)] };
      return { kind: "where", ...f32, condition, yes: sum, no: call("neg", load(1, y!)) };
    },
  }),
  // steps along n of 0, 3 and −2
  column: (rank) => ({
    companions: [along(rank, 1, 0), along(rank, 2, 3), along(rank, 0, -2)],
    numbers: [2, 5],
    spare: 0,
    expr: ([x, y, z]) =>
      call("sub", call("mul", number(1), call("add", sum, load(0, x!))), call("mul", load(1, y!), load(2, z!))),
  }),
  // r = max(sum, 0) is used three times
  twice: () => ({
    companions: [],
    numbers: [],
    spare: 0,
    expr: () => {
      const r = call("maximum", sum, constant(0));
      return call("sub", call("square", r), call("add", r, r));
    },
  }),
  // sum + x inside a border of one row and one column, and −1 on it
  guarded: (rank) => ({
    companions: [along(rank, 50, 1)],
    numbers: [],
    spare: 0,
    expr: ([x], { m, n }) => ({
      kind: "guarded",
      ...f32,
      guards: [
        { index: { constant: -1, coefficients: axis(rank, rank) }, size: m - 2 },
        { index: { constant: -1, coefficients: axis(rank, rank + 1) }, size: n - 2 },
      ],
      value: call("add", sum, load(0, x!)),
      otherwise: constant(-1),
    }),
  }),
  // sum + table[number of the row], rows outside the table being 0
  lookup: (rank) => ({
    companions: [along(rank, 1, 0), axis(rank, rank + 1)],
    numbers: [],
    spare: 4,
    dtypes: ["i32", "f32"],
    expr: ([rows, table]) => {
      const index: Expr = { kind: "load", dtype: "i32", buffer: 2, at: rows! };
      return call("add", sum, { kind: "lookup", ...f32, buffer: 3, at: table!, index, step: 2, size: 3 });
    },
  }),
  // round(sum · ½) · n + m
  position: (rank) => ({
    companions: [],
    numbers: [],
    spare: 0,
    expr: () => {
      const index = (which: number): Expr => {
        return { kind: "index", ...f32, index: { constant: 0, coefficients: axis(rank, which) } };
      };
      const half = call("round", call("mul", sum, constant(0.5)));
      return call("add", call("mul", half, index(rank + 1)), index(rank));
    },
  }),
  // rounded to f16
  half: () => ({
    companions: [],
    numbers: [],
    spare: 0,
    expr: () => ({ kind: "cast", dtype: "f16", value: call("mul", sum, constant(1023)) }),
  }),
};

export const epilogueNames: readonly string[] = Object.keys(epilogues);

/** Coefficients that are an axis itself. */
function axis(rank: number, which: number): number[] {
  return Array.from({ length: rank + 2 }, (_, i) => (i === which ? 1 : 0));
}
