import { countOf, type Axis } from "./axes.ts";
import { axisLines } from "./dispatch.ts";
import { close, inside, type Scope } from "./scopes.ts";

/** A loop: how it begins, and what is in it. */
interface Loop {
  readonly scope: Scope;
  readonly head: string;
}

/** Loops over the terms of a point. */
export interface ReducedNest {
  /** The outermost first. */
  readonly loops: readonly Loop[];
  /** Inside of all loops. */
  readonly body: Scope;
  /** The loop of which each round is a block: what is summed in it becomes one term of the sum. */
  readonly block: Scope | null;
  /** The position of a term among all of them. */
  readonly position: string;
}

/** So many terms are taken one after the other, axis by axis. More are counted through, in blocks. */
const few = 1024;
const leastBlock = 256;

/** Loops in a scope over all terms of the reduced axes, or over every so many from `stripe` on. */
export function reducedNest(around: Scope, reduced: readonly Axis[], stripes: number): ReducedNest {
  return stripes === 1 && countOf(reduced) <= few ? axisByAxis(around, reduced) : counted(around, reduced, stripes);
}

/** The same with a loop over four neighbours along an axis inside of all others. */
export function withLanes(nest: ReducedNest, axis: number, isReduced: boolean): ReducedNest {
  const body = lanesIn(nest.body, axis);
  const position = isReduced ? `4 * ${inParentheses(nest.position)} + lane` : nest.position;
  return { ...nest, body, loops: [...nest.loops, { scope: body, head: laneHead }], position };
}

export const laneHead = "for (var lane = 0; lane < 4; lane++)";

/** The inside of a loop over four neighbours, of which q says which four. */
export function lanesIn(around: Scope, axis: number): Scope {
  return inside(around, "loop", [axis], [{ name: `i${axis}`, text: "4 * q + lane" }]);
}

export function closeLanes(scope: Scope): void {
  close(scope, laneHead);
}

function axisByAxis(around: Scope, reduced: readonly Axis[]): ReducedNest {
  const loops: Loop[] = [];
  let [body, position] = [around, ""];
  for (const { axis, name, size } of reduced) {
    body = inside(body, "loop", [axis]);
    loops.push({ scope: body, head: `for (var ${name} = i32(zero); ${name} < ${size}; ${name}++)` });
    position = position === "" ? name : `${size} * ${inParentheses(position)} + ${name}`;
  }
  return { loops, body, block: null, position: position === "" ? "0" : position };
}

function counted(around: Scope, reduced: readonly Axis[], stripes: number): ReducedNest {
  const terms = countOf(reduced);
  const own = Math.ceil(terms / stripes);
  const axes = reduced.map(({ axis }) => axis);
  const start = stripes === 1 ? "zero" : "stripe";
  const loop = (scope: Scope, from: string, end: string): Loop => {
    scope.lines.push(...axisLines(reduced, "term"));
    return { scope, head: `for (var term = ${from}; term < ${end}; term += ${stripes}u)` };
  };
  if (own <= few) {
    const all = loop(inside(around, "loop", axes), start, `${terms}u`);
    return { loops: [all], body: all.scope, block: null, position: "i32(term)" };
  }
  const inBlock = stripes * Math.max(leastBlock, 2 ** Math.ceil(Math.log2(own) / 2));
  const block = inside(around, "loop");
  const blocks = { scope: block, head: `for (var first = ${start}; first < ${terms}u; first += ${inBlock}u)` };
  const each = loop(inside(block, "loop", axes), "first", `min(first + ${inBlock}u, ${terms}u)`);
  return { loops: [blocks, each], body: each.scope, block, position: "i32(term)" };
}

function inParentheses(text: string): string {
  return /^\w+(\(\w+\))?$/u.test(text) ? text : `(${text})`;
}

/** Writes the loops into the scope around them; `flush` ends a block. */
export function closeNest({ loops, block }: ReducedNest, flush: readonly string[]): void {
  for (const { scope, head } of loops.toReversed()) {
    if (scope === block) scope.lines.push(...flush);
    close(scope, head);
  }
}
