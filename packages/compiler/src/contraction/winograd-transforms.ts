import type { Expr } from "../ir.ts";

// Winograd's way to slide a filter of 3 taps (Lavin & Gray 2016, arXiv 1509.09308). Four outputs of it,
//
//   yᵢ = Σⱼ dᵢ₊ⱼ·gⱼ,   i < 4, j < 3,
//
// are 12 products; 6 are enough. Polynomials of degrees 3 and 2 have a product of degree 5, which six of its values
// determine, each one product of two values. Transposed, as y is to d what a product's factor is to it (Toom and Cook):
//
//   y = Aᵀ·((G·g) ⊙ (Bᵀ·d))
//
// with the values of g at six points in G, those of y's polynomial in A, and in B what makes a polynomial of its values.
// In two dimensions G·g·Gᵀ, Bᵀ·d·B and Aᵀ·m·A: 36 products for 16 outputs, a quarter of 144.
//
// The points are 0, ±p, ±q and ∞. Rounding errors grow with the entries of all three matrices together; 5/8 and 3/2 keep
// them small, and A and B exact: on random numbers results are about as good as direct sums, with 1 and 2 (the paper's
// points) four times worse. They are opposite in pairs, so that the even and the odd part of a polynomial are computed
// once for both.
const [p, q] = [5 / 8, 3 / 2];

type Matrix = readonly (readonly number[])[];

/** Outputs of a tile along an axis, and the values that it is made of. */
export const tile = { outputs: 4, values: 6 } as const;

function matrices(): { readonly filter: Matrix; readonly input: Matrix; readonly output: Matrix } {
  const [p2, q2] = [p * p, q * q];
  const [f, g] = [1 / (2 * p2 * (p2 - q2)), 1 / (2 * q2 * (q2 - p2))];
  return {
    filter: [
      [1 / (p2 * q2), 0, 0],
      [f, f * p, f * p2],
      [f, -f * p, f * p2],
      [g, g * q, g * q2],
      [g, -g * q, g * q2],
      [0, 0, 1],
    ],
    input: [
      [p2 * q2, 0, -(p2 + q2), 0, 1, 0],
      [0, -p * q2, -q2, p, 1, 0],
      [0, p * q2, -q2, -p, 1, 0],
      [0, -q * p2, -p2, q, 1, 0],
      [0, q * p2, -p2, -q, 1, 0],
      [0, p2 * q2, 0, -(p2 + q2), 0, 1],
    ],
    output: [
      [1, 1, 1, 1, 1, 0],
      [0, p, -p, q, -q, 0],
      [0, p2, p2, q2, q2, 0],
      [0, p2 * p, -p2 * p, q2 * q, -q2 * q, 1],
    ],
  };
}

/** G, Bᵀ and Aᵀ. */
export const winogradMatrices: ReturnType<typeof matrices> = matrices();

/** A square of so many rows and columns. */
export function grid<T>(size: number, at: (i: number, j: number) => T): T[][] {
  return Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, j) => at(i, j)));
}

/** G·g·Gᵀ of 3 × 3 taps. */
export function filterTransform(taps: readonly (readonly Expr[])[]): Expr[][] {
  return onBothSides(taps, (column) => atPoints(winogradMatrices.filter, column));
}

/** Bᵀ·d·B of 6 × 6 inputs. */
export function inputTransform(inputs: readonly (readonly Expr[])[]): Expr[][] {
  return onBothSides(inputs, (column) => atPoints(winogradMatrices.input, column));
}

/** Aᵀ·m·A of 6 × 6 products. */
export function outputTransform(products: readonly (readonly Expr[])[]): Expr[][] {
  return onBothSides(products, (column) => fromPoints(winogradMatrices.output, column));
}

/** M·X·Mᵀ, from the product of M and a column. */
function onBothSides(x: readonly (readonly Expr[])[], product: (column: readonly Expr[]) => Expr[]): Expr[][] {
  return transposed(transposed(transposed(x).map(product)).map(product));
}

function transposed<T>(rows: readonly (readonly T[])[]): T[][] {
  return rows[0]!.map((_, j) => rows.map((row) => row[j]!));
}

/** M·x, where the rows of two opposite points differ by the signs of their odd entries. */
function atPoints(matrix: Matrix, x: readonly Expr[]): Expr[] {
  const part = (row: readonly number[], parity: number): Expr => {
    return weighted(row.flatMap((factor, i) => (i % 2 === parity ? [{ factor, value: x[i]! }] : [])));
  };
  const whole = (row: readonly number[]): Expr => weighted(row.map((factor, i) => ({ factor, value: x[i]! })));
  const pair = (row: readonly number[]): Expr[] => {
    const [even, odd] = [part(row, 0), part(row, 1)];
    return [call("add", even, odd), call("sub", even, odd)];
  };
  return [whole(matrix[0]!), ...pair(matrix[1]!), ...pair(matrix[3]!), whole(matrix[5]!)];
}

/** M·x, where the columns of two opposite points differ by the signs of their odd entries. */
function fromPoints(matrix: Matrix, x: readonly Expr[]): Expr[] {
  const pairs = [1, 3].map((at) => [call("add", x[at]!, x[at + 1]!), call("sub", x[at]!, x[at + 1]!)] as const);
  return matrix.map((row, i) => {
    return weighted([
      { factor: row[0]!, value: x[0]! },
      ...pairs.map((pair, k) => ({ factor: row[2 * k + 1]!, value: pair[i % 2]! })),
      { factor: row[5]!, value: x[5]! },
    ]);
  });
}

interface Term {
  readonly factor: number;
  readonly value: Expr;
}

/** Σ factor · value, without products by 0 and 1. */
function weighted(terms: readonly Term[]): Expr {
  const isPlain = ({ factor }: Term): boolean => factor === 1;
  // What needs no product comes first, so that no sum begins with a negative one.
  const [first, ...others] = terms
    .filter(({ factor }) => factor !== 0)
    .toSorted((a, b) => Number(isPlain(b)) - Number(isPlain(a)));
  return others.reduce(
    (sum, { factor, value }) => {
      return factor < 0 ? call("sub", sum, times(-factor, value)) : call("add", sum, times(factor, value));
    },
    times(first!.factor, first!.value),
  );
}

function times(factor: number, value: Expr): Expr {
  return factor === 1 ? value : call("mul", constant(factor), value);
}

const call = (name: string, ...args: readonly Expr[]): Expr => ({ kind: "call", dtype: "f32", name, args });

const constants = new Map<number, Expr>();

/** One object for each number, as equal expressions of a kernel must be. */
function constant(value: number): Expr {
  const known = constants.get(value) ?? { kind: "constant", dtype: "f32", value };
  constants.set(value, known);
  return known;
}
