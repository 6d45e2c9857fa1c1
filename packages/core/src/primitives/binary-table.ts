import { div, floor, log, mul, neg, pow, sub } from "../ops/arithmetic.ts";
import { equal, greater } from "../ops/compare.ts";
import { and } from "../ops/logic.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { binaryMaps, type MapPrimitives } from "./map.ts";
import { flooredMod } from "./scalar-functions.ts";
import type { Domain } from "./scalar-table.ts";

// prettier-ignore
export type BinaryName =
  | "add" | "sub" | "mul" | "div" | "pow" | "maximum" | "minimum" | "mod"
  | "equal" | "notEqual" | "less" | "lessEqual" | "greater" | "greaterEqual"
  | "and" | "or" | "xor" | "shiftLeft" | "shiftRight";

const any: Domain = [-3, 3];
const away: Domain = [0.5, 3]; // from zero, where quotients and logarithms end
const small: Domain = [-9, 9]; // integers that meet often
const shift: Domain = [0, 31];
const flat = (): readonly [number, number, number] => [0, 0, 0];

// da = f_a·dy and db = f_b·dy; of a quotient f_b = −a/b² = −y/b. The remainder a − ⌊a/b⌋·b is linear between its jumps.

/** The maps R² → R. Columns: value, [f_a, f_b], [f_aa, f_ab, f_bb], rule, domains of the tests, rounding error. */
// prettier-ignore
export const binary: MapPrimitives<BinaryName> = binaryMaps<BinaryName>({
  add:          { at: (a, b) => a + b,   slopes: () => [1, 1],                    curves: flat,                                   vjp: (dy) => [dy, dy],                                       domains: [any, any],   units: 1, accepts: "number" },
  sub:          { at: (a, b) => a - b,   slopes: () => [1, -1],                   curves: flat,                                   vjp: (dy) => [dy, neg(dy)],                                  domains: [any, any],   units: 1, accepts: "number" },
  mul:          { at: (a, b) => a * b,   slopes: (a, b) => [b, a],                curves: () => [0, 1, 0],                        vjp: (dy, a, b) => [mul(dy, b), mul(dy, a)],                 domains: [any, any],   units: 1, accepts: "number", integer: Math.imul, linearIn: [0, 1] },
  div:          { at: (a, b) => a / b,   slopes: (a, b) => [1 / b, -a / (b * b)], curves: (a, b) => [0, -1 / b ** 2, 2 * a / b ** 3], vjp: (dy, _, b, y) => [div(dy, b), neg(div(mul(dy, y), b))], domains: [any, away], units: 4, accepts: "number", integer: (a, b) => Math.trunc(a / b) },
  mod:          { at: flooredMod,        slopes: (a, b) => [1, -Math.floor(a / b)], curves: flat,                                 vjp: (dy, a, b) => [dy, neg(mul(dy, floor(div(a, b))))],     domains: [any, away],  units: 4, accepts: "number" },
  pow:          { at: Math.pow,          slopes: powSlopes,                       curves: powCurves,                              vjp: powRule,                                                domains: [away, any],  units: 16 },
  maximum:      { at: Math.max,          slopes: (a, b) => shares(a, b),          curves: flat,                                   vjp: (dy, a, b) => [winner(dy, a, b), winner(dy, b, a)],     domains: [any, any],   units: 0, accepts: "number" },
  minimum:      { at: Math.min,          slopes: (a, b) => shares(b, a),          curves: flat,                                   vjp: (dy, a, b) => [winner(dy, b, a), winner(dy, a, b)],     domains: [any, any],   units: 0, accepts: "number" },
  equal:        { at: (a, b) => Number(a === b), domains: [small, small], units: 0, accepts: "any",    result: "bool" },
  notEqual:     { at: (a, b) => Number(a !== b), domains: [small, small], units: 0, accepts: "any",    result: "bool" },
  less:         { at: (a, b) => Number(a < b),   domains: [small, small], units: 0, accepts: "number", result: "bool" },
  lessEqual:    { at: (a, b) => Number(a <= b),  domains: [small, small], units: 0, accepts: "number", result: "bool" },
  greater:      { at: (a, b) => Number(a > b),   domains: [small, small], units: 0, accepts: "number", result: "bool" },
  greaterEqual: { at: (a, b) => Number(a >= b),  domains: [small, small], units: 0, accepts: "number", result: "bool" },
  and:          { at: (a, b) => a & b,           domains: [small, small], units: 0, accepts: "bits" },
  or:           { at: (a, b) => a | b,           domains: [small, small], units: 0, accepts: "bits" },
  xor:          { at: (a, b) => a ^ b,           domains: [small, small], units: 0, accepts: "bits" },
  shiftLeft:    { at: (a, b) => a << b,          domains: [small, shift], units: 0, accepts: "bits" },
  // Only a u32 exceeds 2³¹ − 1: its sign bit is a digit, and zeros move in.
  shiftRight:   { at: (a, b) => (a > 0x7fffffff ? a >>> b : a >> b), domains: [small, shift], units: 0, accepts: "bits" },
});

/** The winner takes all; a tie is shared, a half each. */
function shares(a: number, b: number): readonly [number, number] {
  if (a === b) return [0.5, 0.5];
  return a > b ? [1, 0] : [0, 1];
}

/** As `shares`, for tensors: what of dy goes to a, when the larger of a and b wins. */
function winner(dy: Tensor, a: Tensor, b: Tensor): Tensor {
  return where(greater(a, b), dy, where(equal(a, b), mul(dy, 0.5), 0));
}

function powSlopes(a: number, b: number): readonly [number, number] {
  return [b === 0 ? 0 : b * a ** (b - 1), a === 0 ? 0 : a ** b * Math.log(a)];
}

function powCurves(a: number, b: number): readonly [number, number, number] {
  const y = a ** b;
  const ln = Math.log(a);
  return [(b * (b - 1) * y) / (a * a), (y * (1 + b * ln)) / a, y * ln * ln];
}

// y = aᵇ: ∂y/∂a = b·aᵇ⁻¹ and ∂y/∂b = y·ln a. Where these meet 0·∞ the answer is 0; the operand is replaced *before* the
// dangerous function sees it, as a choice made afterwards would still differentiate to 0·∞ in the next order.
function powRule(dy: Tensor, a: Tensor, b: Tensor, y: Tensor): readonly [Tensor, Tensor] {
  const zero = equal(a, 0);
  const exponent = where(and(zero, equal(b, 0)), 1, b);
  const logarithm = log(where(zero, 1, a));
  return [mul(dy, mul(b, pow(a, sub(exponent, 1)))), mul(dy, mul(where(zero, 0, y), logarithm))];
}
