/** The text of a call from those of its operands, each of which is in it once. */
type Call = (...operands: readonly string[]) => string;

type Calls = Readonly<Record<string, Call>>;

const operator =
  (symbol: string): Call =>
  (a, b) =>
    `(${a} ${symbol} ${b})`;

const prefix =
  (symbol: string): Call =>
  (x) =>
    `${symbol}(${x})`;

const named =
  (name: string): Call =>
  (...operands) =>
    `${name}(${operands.join(", ")})`;

/** An amount of bits; no constant may be beyond 31 in an operator's text. */
const shift =
  (symbol: string, amount: (b: string) => string): Call =>
  (a, b) =>
    `(${a} ${symbol} ${amount(b)})`;

const comparisons: Calls = {
  equal: operator("=="),
  notEqual: operator("!="),
  less: operator("<"),
  lessEqual: operator("<="),
  greater: operator(">"),
  greaterEqual: operator(">="),
};

/** Maps of f32, and of f16, which is computed in f32. */
const floats: Calls = {
  add: operator("+"),
  sub: operator("-"),
  mul: operator("*"),
  // prettier-ignore
  ...namedAll("f32", [
    "neg", "abs", "sign", "relu", "floor", "ceil", "round", "maximum", "minimum",
    "equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual",
    "square", "div", "reciprocal", "mod", "sqrt", "rsqrt",
    "exp", "expm1", "log", "log1p", "tanh", "sigmoid", "softplus", "sin", "cos", "erf", "pow",
  ]),
};

/** Maps of both kinds of integers that have one text. */
const integers: Calls = {
  ...comparisons,
  add: operator("+"),
  sub: operator("-"),
  mul: operator("*"),
  maximum: named("max"),
  minimum: named("min"),
  and: operator("&"),
  or: operator("|"),
  xor: operator("^"),
  not: prefix("~"),
};

const signed: Calls = {
  ...integers,
  neg: (x) => `(-(${x}))`,
  abs: named("abs"),
  sign: named("sign"),
  relu: (x) => `max(${x}, 0)`,
  shiftLeft: shift("<<", (b) => `(u32(${b}) & 31u)`),
  shiftRight: shift(">>", (b) => `(u32(${b}) & 31u)`),
  ...namedAll("i32", ["square", "div", "mod"]),
};

const unsigned: Calls = {
  ...integers,
  neg: (x) => `(0u - ${x})`,
  abs: (x) => x,
  sign: (x) => `min(${x}, 1u)`,
  relu: (x) => x,
  shiftLeft: shift("<<", (b) => `(${b} & 31u)`),
  shiftRight: shift(">>", (b) => `(${b} & 31u)`),
  ...namedAll("u32", ["square", "div", "mod"]),
};

const truths: Calls = {
  equal: operator("=="),
  notEqual: operator("!="),
  // Not && and ||, which branch: a few dozen of them take some compilers minutes.
  and: operator("&"),
  or: operator("|"),
  xor: operator("!="),
  not: prefix("!"),
  // 1 << b is never 0, and 1 >> b is 0 unless b is.
  shiftLeft: named("shift_left_bool"),
  shiftRight: (a, b) => `(${a} & !(${b}))`,
};

/** How the maps of core are written, by dtype and name. */
export const calls: Readonly<Record<"f32" | "i32" | "u32" | "bool", Calls>> = {
  f32: floats,
  i32: signed,
  u32: unsigned,
  bool: truths,
};

/** Calls of this library's functions. */
function namedAll(dtype: string, names: readonly string[]): Calls {
  return Object.fromEntries(names.map((name) => [name, named(`${snakeCase(name)}_${dtype}`)]));
}

/** lessEqual as less_equal, which is how names are written in WGSL. */
function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (capital) => `_${capital.toLowerCase()}`);
}
