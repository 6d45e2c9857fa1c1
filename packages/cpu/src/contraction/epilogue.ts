import type { Affine, ContractionKernel, Expr } from "@steelyard/compiler";
import { invariant } from "@steelyard/core";
import { i32, i32x4, types, v128, type Code, type Local, type Locals } from "../assembler/assembler.ts";
import { castLanes, constantLanes, laneFunction } from "./lane-functions.ts";
import type { Operand } from "./operand.ts";

type Load = Extract<Expr, { kind: "load" }>;

/** What is done to the sums of a tile before they are stored. */
export interface Epilogue {
  readonly expr: Expr;
  /** What it reads: one operand for each load. */
  readonly loads: readonly Load[];
  readonly operands: readonly Operand[];
  readonly readsNumbers: boolean;
}

export function epilogueOf({ epilogue: expr, outer }: ContractionKernel): Epilogue {
  const nodes = [...usesOf(expr).keys()];
  const loads = nodes.filter((node) => node.kind === "load");
  const operands = loads.map(({ buffer, at }) => operandAt(buffer, at, outer.length));
  return { expr, loads, operands, readsNumbers: nodes.some(({ kind }) => kind === "number") };
}

function operandAt(buffer: number, { constant, coefficients }: Affine, outer: number): Operand {
  const [m, n] = [coefficients[outer]!, coefficients[outer + 1]!];
  return { buffer, start: constant, outer: coefficients.slice(0, outer), m, n };
}

/** The nodes of an expression, and how often each is an operand. */
function usesOf(expr: Expr): ReadonlyMap<Expr, number> {
  const uses = new Map<Expr, number>();
  const visit = (node: Expr): void => {
    const before = uses.get(node) ?? 0;
    uses.set(node, before + 1);
    if (before === 0) operandsOf(node).forEach(visit);
  };
  visit(expr);
  return uses;
}

function operandsOf(node: Expr): readonly Expr[] {
  if (node.kind === "call") return node.args;
  if (node.kind === "where") return [node.condition, node.yes, node.no];
  return node.kind === "cast" ? [node.value] : [];
}

/** Four neighbouring elements of a tile, and where what the epilogue reads for them lies. */
export interface Quad {
  readonly sum: Code;
  /** How many of the four are stored. */
  readonly columns: number;
  place(load: Load): Place;
  number(position: number): Place;
}

/** An element in memory: at an address plus an offset, in bytes, and so many elements from one column to the next. */
export interface Place {
  readonly address: Code;
  readonly offset: number;
  readonly step: number;
}

/** The values to store for four neighbours, as their bits. */
export function epilogueCode(locals: Locals, { expr }: Epilogue, quad: Quad): Code {
  const uses = usesOf(expr);
  const known = new Map<Expr, Local>();
  const emit = (node: Expr): Code => {
    const local = known.get(node);
    if (local !== undefined) return local.get;
    const code = nodeCode(locals, node, quad, emit);
    if (uses.get(node) === 1) return code;
    const kept = locals.add(types.v128);
    known.set(node, kept);
    return kept.tee(code);
  };
  const value = emit(expr);
  return expr.dtype === "bool" ? v128.and(value, i32x4.const(1, 1, 1, 1)) : value;
}

function nodeCode(locals: Locals, node: Expr, quad: Quad, emit: (node: Expr) => Code): Code {
  switch (node.kind) {
    case "accumulator":
      return quad.sum;
    case "constant":
      return constantLanes(node.dtype, node.value);
    case "number":
      return loadLanes(quad.number(node.position), 1);
    case "load": {
      const lanes = loadLanes(quad.place(node), quad.columns);
      return node.dtype === "bool" ? i32x4.ne(lanes, i32x4.const(0, 0, 0, 0)) : lanes;
    }
    case "where":
      return v128.bitselect(emit(node.yes), emit(node.no), emit(node.condition));
    case "cast":
      return fit(castLanes(emit(node.value), node.value.dtype, node.dtype), node);
    case "call": {
      const operation = fit(laneFunction(node.name, node.args[0]!.dtype), node);
      return operation(locals, ...node.args.map(emit));
    }
    default:
      return fit<Code>(undefined, node);
  }
}

function fit<T>(found: T | undefined, node: Expr): T {
  const what = node.kind === "call" ? node.name : node.kind;
  invariant(found !== undefined, `the epilogue of a contraction holds no ${what} that gives ${node.dtype}`);
  return found;
}

/** Neighbours, one element for all, or each a step further; lanes that are not stored then repeat the last one. */
function loadLanes({ address, offset, step }: Place, columns: number): Code {
  if (step === 0) return v128.load32Splat(address, offset);
  if (step === 1) return v128.load(address, offset);
  const at = (lane: number): Code => i32.add(address, i32.const(offset + 4 * step * Math.min(lane, columns - 1)));
  return [1, 2, 3].reduce((lanes, lane) => v128.load32Lane(at(lane), lanes, lane), v128.load32Zero(at(0)));
}
