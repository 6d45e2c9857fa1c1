import { indicesOf, isConstant, rangeOf, type Affine, type Expr, type Guard } from "@steelyard/compiler";
import type { DType } from "@steelyard/core";
import { addressPrinter, type AddressPrinter } from "./addresses.ts";
import { vectorPlace, type Fours } from "./fours.ts";
import { callText } from "./functions/functions.ts";
import { castText, fromStorage, fromWord, hidden, literal, valueType } from "./scalars.ts";
import { chainOf, close, placesOf, type Place, type Scope, type Use } from "./scopes.ts";

// Expressions as WGSL. They are graphs: what is used once is written where it is used, everything else gets a name. What
// a guard protects is computed inside of an `if`, unless somebody else needs it too.

/** What names stand for. */
export interface Surroundings {
  /** The names of the axes, which are i32. */
  readonly axes: readonly string[];
  /** The sizes of the axes: guards that always hold are not asked. */
  readonly sizes: readonly number[];
  readonly buffers: readonly DType[];
  /** The names of the results of reductions. */
  readonly accumulators: readonly string[];
  /** Whether buffers begin where the first words say; runtime numbers follow. */
  readonly offsets: boolean;
  /** Which loads are vectors; their number q is named behind the axes. */
  readonly fours?: Fours | null;
}

export interface ExpressionPrinter {
  /** The text of an expression in a scope, for the uses that were announced. What it needs is written before. */
  value(expr: Expr, scope: Scope): string;
  /** An index, for use as an i32. */
  index(index: Affine, scope: Scope): string;
  /** An element of a buffer. */
  element(buffer: number, at: Affine, scope: Scope): string;
}

interface Printing {
  readonly around: Surroundings;
  readonly places: ReadonlyMap<Expr, Place>;
  readonly addresses: AddressPrinter;
  /** The names of what has been written. */
  readonly names: Map<Expr, string>;
  readonly newName: () => string;
}

/** Prints what these uses need, and elements at these indices. */
export function expressionPrinter(
  around: Surroundings,
  uses: readonly Use[],
  indices: readonly Affine[] = [],
): ExpressionPrinter {
  let [values, parts] = [0, 0];
  const places = placesOf(uses);
  const addresses = addressPrinter(around.axes, () => `p${parts++}`);
  for (const index of indices) addresses.expect(index);
  for (const expr of places.keys()) {
    const guards = expr.kind === "guarded" ? expr.guards : [];
    for (const index of [...indicesOf(expr), ...guards.map((guard) => guard.index)]) addresses.expect(index);
  }
  const printing = { around, places, addresses, names: new Map<Expr, string>(), newName: () => `v${values++}` };
  return {
    value: (expr, scope) => valueText(printing, expr, scope),
    index: (index, scope) => addresses.show(index, scope),
    element: (buffer, at, scope) => `b${buffer}[${addressText(printing, buffer, at, scope)}]`,
  };
}

/** Longer texts get a line of their own: people read them, and parsers allow only so many parentheses. */
const longest = 72;

function valueText(printing: Printing, expr: Expr, scope: Scope): string {
  const known = printing.names.get(expr);
  if (known !== undefined) return known;
  const place = printing.places.get(expr)!;
  if (expr.kind === "guarded") return guardedText(printing, expr, place);
  const text = textOf(printing, expr, place);
  const stays = place.uses === 1 && place.scope === scope && text.length <= longest;
  if (stays || expr.kind === "constant" || expr.kind === "accumulator") return text;
  const name = printing.newName();
  place.scope.lines.push(`let ${name} = ${text};`);
  printing.names.set(expr, name);
  return name;
}

type Kind<K extends Expr["kind"]> = Extract<Expr, { kind: K }>;
type Writers = {
  readonly [K in Exclude<Expr["kind"], "guarded">]: (printing: Printing, expr: Kind<K>, place: Place) => string;
};

function textOf(printing: Printing, expr: Exclude<Expr, Kind<"guarded">>, place: Place): string {
  return (writers[expr.kind] as Writers["load"])(printing, expr as Kind<"load">, place);
}

/** Functions whose result on f16 needs no rounding. */
const exactOnHalf = new Set(["neg", "abs", "sign", "relu", "maximum", "minimum", "floor", "ceil", "round"]);

const writers: Writers = {
  constant: (_, { dtype, value }) => literal(dtype, value),
  number({ around: { offsets, buffers } }, { dtype, position }) {
    const word = position + (offsets ? buffers.length : 0);
    return fromWord(dtype, wordText(word));
  },
  index({ addresses }, { dtype, index }, { scope }) {
    if (isConstant(index)) return castText("i32", dtype, literal("i32", index.constant));
    return castText("i32", dtype, `(${addresses.show(index, scope)})`);
  },
  load(printing, expr, place) {
    const { dtype, buffer, at } = expr;
    if (printing.around.fours?.buffers.has(buffer) === true) return laneText(printing, expr, place);
    return loadText(dtype, buffer, addressText(printing, buffer, at, place.scope), place.speculative);
  },
  lookup: lookupText,
  accumulator: ({ around }, { position }) => around.accumulators[position]!,
  call(printing, { dtype, name, args }, { scope }) {
    const operands = args.map((arg) => valueText(printing, arg, scope));
    // Of constants alone a compiler makes another one, and that may be none, being too large; of a product with 0 it makes 0.
    args.forEach((arg, i) => {
      if ((i === 0 && args.every(isFixed)) || (name === "mul" && isZero(arg)))
        operands[i] = hidden(arg.dtype, operands[i]!);
    });
    const text = callText(name, args[0]!.dtype, operands);
    return dtype === "f16" && !exactOnHalf.has(name) ? `to_f16(${text})` : text;
  },
  where(printing, { condition, yes, no }, { scope }) {
    const [test, first, second] = [condition, yes, no].map((part) => valueText(printing, part, scope));
    return `select(${second}, ${first}, ${test})`;
  },
  cast: (printing, { dtype, value }, { scope }) => castText(value.dtype, dtype, valueText(printing, value, scope)),
};

/** Whether its text is a zero for compilers. */
function isZero(expr: Expr): boolean {
  if (expr.kind === "cast") return isZero(expr.value);
  if (expr.kind === "index") return isConstant(expr.index) && expr.index.constant === 0;
  return expr.kind === "constant" && expr.value === 0;
}

function isFixed(expr: Expr): boolean {
  return expr.kind === "constant" || (expr.kind === "index" && isConstant(expr.index));
}

/** Word k of the uniform. */
export function wordText(k: number): string {
  return `words[${Math.floor(k / 4)}].${"xyzw"[k % 4]}`;
}

function addressText({ around, addresses }: Printing, buffer: number, at: Affine, scope: Scope): string {
  const text = addresses.show(at, scope);
  return around.offsets ? `${text} + i32(${wordText(buffer)})` : text;
}

/** What lies at an address; where nobody may need it, the last element if it is outside. */
function loadText(dtype: DType, buffer: number, address: string, speculative: boolean): string {
  return fromStorage(dtype, speculative ? nearestElement(buffer, address) : `b${buffer}[${address}]`);
}

function nearestElement(buffer: number, address: string): string {
  // An index without axes is a constant: below 0 it is no u32, but it has bits.
  const unsigned = /^-?\d+$/u.test(address) ? `bitcast<u32>(${address})` : `u32(${address})`;
  return `b${buffer}[min(${unsigned}, arrayLength(&b${buffer}) - 1u)]`;
}

/** One of four neighbours, all of which are read before the loop over them. */
function laneText(printing: Printing, { dtype, buffer, at }: Kind<"load">, place: Place): string {
  const { axis, quad } = printing.around.fours!;
  const chain = chainOf(place.scope);
  const lanes = chain.findLast((each) => each.kind === "loop" && each.axes.includes(axis))!;
  // The load may be protected by a guard in the loop, which does not protect it before.
  const speculative = place.speculative || chain.slice(chain.indexOf(lanes)).some(({ kind }) => kind === "branch");
  const address = printing.addresses.show(vectorPlace(at, axis, quad)!, lanes.parent!);
  const text = speculative
    ? `b${buffer}[min(u32(${address}), arrayLength(&b${buffer}) - 1u)]`
    : `b${buffer}[${address}]`;
  const name = printing.newName();
  lanes.parent!.lines.push(`let ${name} = ${text};`);
  return fromStorage(dtype, `${name}[lane]`);
}

/** at + index · step where 0 ≤ index < size; elsewhere 0, for which the first place is read. */
function lookupText(printing: Printing, expr: Kind<"lookup">, { scope, speculative }: Place): string {
  const { dtype, buffer, at, index, step, size } = expr;
  const wanted = printing.newName();
  scope.lines.push(`let ${wanted} = ${valueText(printing, index, scope)};`);
  const isThere = printing.newName();
  const isSigned = index.dtype === "i32";
  scope.lines.push(
    isSigned ? `let ${isThere} = (${wanted} >= 0) & (${wanted} < ${size});` : `let ${isThere} = ${wanted} < ${size}u;`,
  );
  const found = `select(0, ${isSigned ? wanted : `i32(${wanted})`}, ${isThere})`;
  const address = `${addressText(printing, buffer, at, scope)} + ${step === 1 ? found : `${step} * ${found}`}`;
  return `select(${literal(dtype, 0)}, ${loadText(dtype, buffer, address, speculative)}, ${isThere})`;
}

/** A variable that is set on both sides of an `if`. */
function guardedText(printing: Printing, expr: Kind<"guarded">, { scope, branches }: Place): string {
  const { dtype, guards, value, otherwise } = expr;
  const [yes, no] = branches!;
  const test = guardText(printing, guards, scope);
  const name = printing.newName();
  printing.names.set(expr, name);
  yes.lines.push(`${name} = ${valueText(printing, value, yes)};`);
  const ordinary = valueText(printing, otherwise, no);
  // What takes no statement may as well be there from the beginning.
  const isSimple = no.lines.length === 0 && isSettled(printing, otherwise, scope);
  scope.lines.push(`var ${name}${isSimple ? "" : `: ${valueType(dtype)}`}${isSimple ? ` = ${ordinary}` : ""};`);
  close(yes, `if (${test})`);
  if (isSimple) return name;
  no.lines.push(`${name} = ${ordinary};`);
  // `}` and `else {` are one line.
  scope.lines.pop();
  close(no, "} else");
  return name;
}

/** Whether it costs nothing: a constant, or something that has a name already where the `if` stands. */
function isSettled({ names, places }: Printing, expr: Expr, scope: Scope): boolean {
  if (expr.kind === "constant" || expr.kind === "accumulator") return true;
  return names.has(expr) && chainOf(scope).includes(places.get(expr)!.scope);
}

// With `&&` every further test would be a branch of its own.
function guardText({ around: { sizes }, addresses }: Printing, guards: readonly Guard[], scope: Scope): string {
  const tests = guards.flatMap(({ index, size }) => {
    const [low, high] = rangeOf(index, sizes);
    const text = addresses.show(index, scope);
    return [...(low < 0 ? [`${text} >= 0`] : []), ...(high >= size ? [`${text} < ${size}`] : [])];
  });
  const [first, ...others] = new Set(tests);
  if (first === undefined) return "true";
  return others.length === 0 ? first : [first, ...others].map((test) => `(${test})`).join(" & ");
}
