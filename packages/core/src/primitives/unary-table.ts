import { sigmoid } from "../ops/activations.ts";
import { add, cos, div, exp, mul, neg, sign, sin, square, sub } from "../ops/arithmetic.ts";
import { greater } from "../ops/compare.ts";
import { where } from "../ops/where.ts";
import { erfValue, roundHalfToEven, sigmoidValue, softplusValue } from "./scalar-functions.ts";
import { unaryMaps, type MapPrimitives } from "./map.ts";

// prettier-ignore
export type UnaryName =
  | "neg" | "abs" | "sign" | "exp" | "log" | "log1p" | "expm1" | "sqrt" | "rsqrt" | "square" | "reciprocal" | "sin" | "cos"
  | "tanh" | "sigmoid" | "relu" | "softplus" | "erf" | "floor" | "ceil" | "round" | "not";

// Short names, so that a row can be read across. `steep` is the slope of erf at 0.
const { exp: e, log: ln, sqrt: root, tanh: th, sin: s, cos: c } = Math;
const sg = sigmoidValue;
const steep = 2 / Math.sqrt(Math.PI);

// dx = f′(x)·dy. Where f′ is a function of the value y, the rule takes y and evaluates nothing anew:
//   (eˣ)′ = y    (expm1 x)′ = y + 1    tanh′ = 1 − y²    sigmoid′ = y(1 − y)    (√x)′ = ½/y    (1/x)′ = −y²    (1/√x)′ = −½y³

/** The maps R → R. Columns: value, first and second derivative, rule, domain of the tests, rounding error. */
// prettier-ignore
export const unary: MapPrimitives<UnaryName> = unaryMaps<UnaryName>({
  neg:        { at: (x) => -x,                  slope: () => -1,                    curve: () => 0,                            vjp: (dy) => neg(dy),                                  domain: [-3, 3],  units: 0, accepts: "number", linearIn: [0] },
  abs:        { at: Math.abs,                   slope: Math.sign,                   curve: () => 0,                            vjp: (dy, x) => mul(dy, sign(x)),                      domain: [-3, 3],  units: 0, accepts: "number" },
  square:     { at: (x) => x * x,               slope: (x) => 2 * x,                curve: () => 2,                            vjp: (dy, x) => mul(dy, mul(x, 2)),                    domain: [-3, 3],  units: 1, accepts: "number", integer: (x) => Math.imul(x, x) },
  reciprocal: { at: (x) => 1 / x,               slope: (x) => -1 / (x * x),         curve: (x) => 2 / (x * x * x),             vjp: (dy, _, y) => neg(mul(dy, square(y))),            domain: [0.5, 3], units: 1 },
  sqrt:       { at: root,                       slope: (x) => 0.5 / root(x),        curve: (x) => -0.25 / (x * root(x)),       vjp: (dy, _, y) => div(mul(dy, 0.5), y),               domain: [0.5, 4], units: 1 },
  rsqrt:      { at: (x) => 1 / root(x),         slope: (x) => -0.5 / (x * root(x)), curve: (x) => 0.75 / (x * x * root(x)),    vjp: (dy, _, y) => mul(dy, mul(mul(square(y), y), -0.5)), domain: [0.5, 4], units: 4 },
  exp:        { at: e,                          slope: e,                           curve: e,                                  vjp: (dy, _, y) => mul(dy, y),                         domain: [-3, 3],  units: 8 },
  expm1:      { at: Math.expm1,                 slope: e,                           curve: e,                                  vjp: (dy, _, y) => mul(dy, add(y, 1)),                 domain: [-3, 3],  units: 8 },
  log:        { at: ln,                         slope: (x) => 1 / x,                curve: (x) => -1 / (x * x),                vjp: (dy, x) => div(dy, x),                            domain: [0.1, 9], units: 8 },
  log1p:      { at: Math.log1p,                 slope: (x) => 1 / (1 + x),          curve: (x) => -1 / ((1 + x) * (1 + x)),    vjp: (dy, x) => div(dy, add(x, 1)),                    domain: [-0.5, 3], units: 8 },
  sin:        { at: s,                          slope: c,                           curve: (x) => -s(x),                       vjp: (dy, x) => mul(dy, cos(x)),                       domain: [-3, 3],  units: 8 },
  cos:        { at: c,                          slope: (x) => -s(x),                curve: (x) => -c(x),                       vjp: (dy, x) => neg(mul(dy, sin(x))),                  domain: [-3, 3],  units: 8 },
  tanh:       { at: th,                         slope: (x) => 1 - th(x) ** 2,       curve: (x) => -2 * th(x) * (1 - th(x) ** 2), vjp: (dy, _, y) => mul(dy, sub(1, square(y))),       domain: [-3, 3],  units: 8 },
  sigmoid:    { at: sg,                         slope: (x) => sg(x) * sg(-x),       curve: (x) => sg(x) * sg(-x) * (1 - 2 * sg(x)), vjp: (dy, _, y) => mul(dy, mul(y, sub(1, y))),    domain: [-3, 3],  units: 8 },
  softplus:   { at: softplusValue,              slope: sg,                          curve: (x) => sg(x) * sg(-x),              vjp: (dy, x) => mul(dy, sigmoid(x)),                   domain: [-3, 3],  units: 8 },
  relu:       { at: (x) => Math.max(x, 0),     slope: (x) => (x > 0 ? 1 : 0),      curve: () => 0,                            vjp: (dy, x) => where(greater(x, 0), dy, 0),           domain: [-3, 3],  units: 0, accepts: "number" },
  erf:        { at: erfValue,                   slope: (x) => steep * e(-x * x),    curve: (x) => -2 * x * steep * e(-x * x),  vjp: (dy, x) => mul(dy, mul(exp(neg(square(x))), steep)),  domain: [-3, 3], units: 8 },
  sign:       { at: Math.sign,                                                                                                                                                        domain: [-3, 3],  units: 0, accepts: "number" },
  floor:      { at: Math.floor,                                                                                                                                                       domain: [-3, 3],  units: 0 },
  ceil:       { at: Math.ceil,                                                                                                                                                        domain: [-3, 3],  units: 0 },
  round:      { at: roundHalfToEven,                                                                                                                                                  domain: [-3, 3],  units: 0 },
  not:        { at: (x) => (x === 0 ? 1 : 0), integer: (x) => ~x,                                                                                                                     domain: [0, 9],   units: 0, accepts: "bits" },
});
