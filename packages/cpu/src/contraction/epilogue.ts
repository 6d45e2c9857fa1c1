import {
  allOf,
  axesInUse,
  guardsOf,
  indicesOf,
  rewriting,
  type ContractionKernel,
  type Expr,
} from "@steelyard/compiler";
import { i32, Locals, types, v128, type Code, type FunctionSpec, type Local } from "../assembler/assembler.ts";
import { castCode, fromMemory, toMemory } from "../loops/casts.ts";
import { evaluate } from "../loops/evaluate.ts";
import { frameOf, keyOf, loopAlong, vectorLoop, type Place } from "../loops/nest.ts";
import { keep, nth, once, outermost, type Emitter, type Turn, type Vectors } from "../loops/scope.ts";
import { stored } from "../loops/memory.ts";

/** What is done to the sums before C is complete. */
export interface Epilogue {
  /**
   * Where it is applied: to the sums of a tile while they are in registers, or to C once they are stored there. "none":
   * C is the sums.
   */
  readonly kind: "none" | "registers" | "memory";
  readonly kernel: ContractionKernel;
  /** What it reads, each once. */
  readonly places: readonly Place[];
}

export function epilogueOf(kernel: ContractionKernel): Epilogue {
  const { epilogue: expr } = kernel;
  const all = allOf([expr]);
  const places = new Map<string, Place>();
  const add = (place: Place): void => void places.set(keyOf(place), place);
  for (const each of all) {
    const buffer = each.kind === "load" || each.kind === "lookup" ? each.buffer : null;
    indicesOf(each).forEach((at) => add({ buffer, at }));
  }
  guardsOf([expr]).forEach(({ index }) => add({ buffer: null, at: index }));
  const simple = expr.dtype !== "bool" && all.every(isSimple);
  const kind = expr.kind === "accumulator" ? "none" : simple ? "registers" : "memory";
  return { kind, kernel, places: [...places.values()] };
}

// Instructions that V8's revectorizer fuses. A single other one on the way from the sums to the stores would leave the
// whole tile at half the width.
// prettier-ignore
const fusible: ReadonlySet<string> = new Set([
  "add", "sub", "mul", "div", "maximum", "minimum", "neg", "abs", "square", "sqrt", "reciprocal", "relu",
  "less", "lessEqual", "greater", "greaterEqual", "equal", "notEqual",
]);

function isSimple(expr: Expr): boolean {
  switch (expr.kind) {
    case "accumulator":
    case "constant":
    case "number":
      return expr.dtype === "f32";
    case "load":
      return expr.dtype === "f32" && [0, 1].includes(expr.at.coefficients.at(-1)!);
    case "call":
      return fusible.has(expr.name);
    default:
      return expr.kind === "where";
  }
}

/** The values of a row of a tile, from its sums. `positions` are where the places stand, in their order. */
export function epilogueOfRow(
  { kernel, places }: Epilogue,
  emitter: Emitter,
  positions: readonly Code[],
  sums: readonly Local[],
): { code: Code; values: Vectors } {
  const n = kernel.outer.length + 1;
  const turn: Turn = { vectors: sums.length, lanes: 4, axis: n, along: n, stride: 4 };
  const scope = { ...outermost(emitter, turn, frameOf(places, positions)), accumulators: [sums.map(({ get }) => get)] };
  const values = evaluate(kernel.epilogue, scope);
  return { code: scope.code, values: sums.map((_, j) => nth(values, j)) };
}

/** What evaluating an expression needs, and the code that makes it ready: addresses of buffers, numbers in all lanes. */
export function emitterOf(
  { buffers, numbers }: ContractionKernel,
  locals: Locals,
  args: Local,
): { emitter: Emitter; start: Code } {
  const bases = buffers.map(() => locals.add(types.i32));
  const values = numbers.map(() => locals.add(types.v128));
  const start = [
    bases.map((base, i) => base.set(i32.load(args.get, 4 * i))),
    values.map((value, i) => {
      const dtype = numbers[i]!;
      const number = fromMemory(dtype, v128.load32Splat(args.get, 4 * (buffers.length + i)));
      return value.set(dtype === "f16" ? castCode(locals, "f32", "f16", number) : number);
    }),
  ];
  const hoisted = once(locals);
  const ready = values.map(({ get }) => get);
  const emitter = { locals, buffers: bases, numbers: ready, once: hoisted, axesOf: axesInUse() };
  return { emitter, start: [start, hoisted.code] };
}

/** What `finishFunction` takes: the kernel's arguments, the address of C, the number of rows, and the places. */
export function finishArguments<T>(args: T, c: T, rows: T, places: readonly T[]): T[] {
  return [args, c, rows, ...places];
}

/** Applies the epilogue to so many rows of C, `columns` wide, that hold the sums. */
export function finishFunction({ kernel, places }: Epilogue, columns: number): FunctionSpec {
  const { outer, m, buffers, epilogue } = kernel;
  const parameters = finishArguments(
    types.i32,
    types.i32,
    types.i32,
    places.map(() => types.i32),
  );
  const locals = new Locals(parameters);
  const [args, c, rows, ...positions] = parameters.map((_, i) => locals.parameter(i)) as [
    Local,
    Local,
    Local,
    ...Local[],
  ];
  const { emitter, start } = emitterOf(kernel, locals, args);
  const at = { constant: 0, coefficients: [...outer.map(() => 0), m.c, 1] };
  const sumsInC = { buffer: buffers.length - 1, at };
  const read: Expr = { kind: "load", dtype: "f32", ...sumsInC };
  const expr = rewriting((each) => (each.kind === "accumulator" ? read : each))(epilogue);
  const frame = frameOf(
    [sumsInC, ...places],
    [c, ...positions].map(({ get }) => get),
  );
  const [alongM, alongN] = [outer.length, outer.length + 1];
  const body = loopAlong(locals, frame, alongM, { from: 0, to: rows }, (row) => {
    const loop = { axis: alongN, from: 0, to: columns, vectors: 2, along: true, ragged: null };
    return vectorLoop(locals, row, loop, (here, { vectors, lanes }) => {
      const scope = outermost(emitter, { vectors, lanes, axis: alongN, along: alongN, stride: 4 }, here);
      const values = evaluate(expr, scope).map((value) => keep(scope, toMemory(expr.dtype, value)));
      stored(scope, { ...sumsInC, expr }, values);
      return scope.code;
    });
  });
  return { name: null, parameters, results: [], locals, body: [start, body] };
}
