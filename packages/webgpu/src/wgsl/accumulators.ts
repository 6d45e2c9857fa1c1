import type { Accumulator } from "@steelyard/compiler";
import { isFloat, type DType } from "@steelyard/core";
import { callText } from "./functions/functions.ts";
import { literal, valueType } from "./scalars.ts";

// Reductions in progress. Each has its result in `a0`, `a1`, …; a choice also has the order of the best so far, as a whole
// number, and where it stood among the terms: −1 where there was none.

type Fold = Exclude<Accumulator, { op: "choose" }>;

/** What the statements of a term need. */
interface Term {
  readonly value: string;
  /** For a choice: the value it keeps, and the position of the term as an i32. */
  readonly kept: string;
  readonly position: string;
}

/** The variables of a reduction, what they begin with, and how two of the same kind become one. */
export interface Running {
  readonly variables: readonly Variable[];
  /** Takes in a term. */
  take(term: Term): string[];
  /**
   * For sums that are rounded: statements that begin a block of terms, take one in, and make the block one term of the
   * whole. Each rounding then meets a smaller sum.
   */
  readonly inBlocks: { readonly open: string; take(term: Term): string[]; readonly flush: string } | null;
  /** Takes in what others have come to: `other` names their variables. */
  merge(other: (name: string) => string): string[];
  /** What is left to do at the end. */
  readonly finish: readonly string[];
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly start: string;
}

/** A reduction; with "[lane]" its variables are vectors, of which the element of a lane is meant. */
export function running(accumulator: Accumulator, i: number, lane: "" | "[lane]"): Running {
  return accumulator.op === "choose" ? choosing(accumulator, i, lane) : folding(accumulator, i, lane);
}

function variable(name: string, type: string, start: string, lane: string): Variable {
  return lane === "" ? { name, type, start } : { name, type: `vec4<${type}>`, start: `vec4<${type}>(${start})` };
}

/** The statement that takes a value into a running fold. */
function foldInto({ op, dtype }: Fold, total: string, value: string): string {
  if (op === "sum") return `${total} += ${value};`;
  if (op === "prod") return `${total} *= ${value};`;
  return `${total} = ${callText(op === "max" ? "maximum" : "minimum", dtype, [total, value])};`;
}

/** What changes nothing, and is the result of nothing. */
function identityOf({ op, dtype }: Fold): string {
  if (op === "sum" || op === "prod") return literal(dtype, op === "sum" ? 0 : 1);
  const sign = op === "max" ? -1 : 1;
  if (isFloat(dtype)) return literal(dtype, sign * Infinity);
  const [low, high] = dtype === "u32" ? [0, 0xffffffff] : [-0x80000000, 0x7fffffff];
  return literal(dtype, sign < 0 ? low : high);
}

function folding(fold: Fold, i: number, lane: string): Running {
  const { op, dtype } = fold;
  const isHalf = dtype === "f16" && (op === "sum" || op === "prod");
  const total = `a${i}${lane}`;
  const whole = variable(`a${i}`, valueType(dtype), identityOf(fold), lane);
  const part = { ...whole, name: `part${i}` };
  return {
    variables: [whole],
    take: ({ value }) => [foldInto(fold, total, value)],
    inBlocks:
      op === "sum" && isFloat(dtype)
        ? {
            open: `var ${part.name} = ${part.start};`,
            take: ({ value }) => [foldInto(fold, part.name + lane, value)],
            flush: foldInto(fold, whole.name, part.name),
          }
        : null,
    merge: (other) => [foldInto(fold, total, `${other(`a${i}`)}${lane}`)],
    finish: isHalf ? [`${total} = to_f16(${total});`] : [],
  };
}

function choosing({ expr, least, dtype }: Extract<Accumulator, { op: "choose" }>, i: number, lane: string): Running {
  const variables = [
    variable(`a${i}`, valueType(dtype), literal(dtype, 0), lane),
    variable(`order${i}`, "i32", "0", lane),
    variable(`position${i}`, "i32", "-1", lane),
  ];
  const [kept, order, position] = variables.map(({ name }) => name + lane) as [string, string, string];
  return {
    variables,
    take: (term) => [
      `let next${i} = ${orderText(expr.dtype, least, term.value)};`,
      `if ((${position} < 0) | (next${i} > ${order})) {`,
      `  ${order} = next${i};`,
      `  ${position} = ${term.position};`,
      `  ${kept} = ${term.kept};`,
      "}",
    ],
    inBlocks: null,
    merge(other) {
      const [a, o, p] = variables.map(({ name }) => other(name) + lane) as [string, string, string];
      const isEarlier = `(${o} == ${order}) & (${p} < ${position})`;
      return [
        `if ((${p} >= 0) & ((${position} < 0) | (${o} > ${order}) | (${isEarlier}))) {`,
        `  ${order} = ${o};`,
        `  ${position} = ${p};`,
        `  ${kept} = ${a};`,
        "}",
      ];
    },
    finish: [],
  };
}

/** An i32 that is larger, the better a value is. */
function orderText(dtype: DType, least: boolean, value: string): string {
  if (isFloat(dtype)) return `${least ? "falling_order" : "rising_order"}(${value})`;
  const rising = dtype === "u32" ? `bitcast<i32>(${value} ^ 0x80000000u)` : dtype === "bool" ? `i32(${value})` : value;
  return least ? `~(${rising})` : rising;
}
