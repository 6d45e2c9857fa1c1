import { indexLines } from "./dispatch.ts";
import { product } from "./loop-schedule.ts";
import { close, inside, type Scope } from "./scopes.ts";

/** Loops, the outermost first: how they begin, and what is in them. */
type Loops = { readonly scope: Scope; readonly head: string }[];

/** Loops over the terms of a point. */
export interface ReducedNest {
  readonly loops: Readonly<Loops>;
  /** Inside of all loops. */
  readonly body: Scope;
  /** The loop of which each round is a block: what is summed in it becomes one term of the sum. */
  readonly block: Scope | null;
  /** The position of a term among all of them. */
  readonly position: string;
}

/** Axes by their numbers, names and sizes. */
export type Axes = readonly { readonly axis: number; readonly name: string; readonly size: number }[];

/** A loop over the four neighbours along an axis, of which `q` says which four. */
export interface Lanes {
  readonly axis: number;
  /** Whether it is the last one of those that are reduced; otherwise one of the space. */
  readonly isReduced: boolean;
}

/** So many terms are taken one after the other, axis by axis. More are counted through, in blocks. */
const few = 1024;
const leastBlock = 256;

/** Loops in a scope over all terms of the reduced axes, or over every so many from `stripe` on. */
export function reducedNest(around: Scope, reduced: Axes, stripes: number, lanes: Lanes | null): ReducedNest {
  const isShort = stripes === 1 && product(reduced.map(({ size }) => size)) <= few;
  const nest = isShort ? axisByAxis(around, reduced) : counted(around, reduced, stripes);
  if (lanes === null) return nest;
  const body = laneLoop(nest.body, lanes.axis);
  const position = lanes.isReduced ? `4 * (${nest.position}) + lane` : nest.position;
  return { ...nest, body, loops: [...nest.loops, { scope: body, head: laneHead }], position };
}

export const laneHead = "for (var lane = 0; lane < 4; lane++)";

/** The inside of a loop over four neighbours. */
export function laneLoop(around: Scope, axis: number): Scope {
  const scope = inside(around, "loop", [axis]);
  scope.lines.push(`let i${axis} = 4 * q + lane;`);
  return scope;
}

function axisByAxis(around: Scope, reduced: Axes): ReducedNest {
  const loops: Loops = [];
  let position = "";
  for (const { axis, name, size } of reduced) {
    const scope = inside(loops.at(-1)?.scope ?? around, "loop", [axis]);
    loops.push({ scope, head: `for (var ${name} = 0; ${name} < ${size}; ${name}++)` });
    position = position === "" ? name : `${size} * (${position}) + ${name}`.replace(/\((\w+)\)/u, "$1");
  }
  return { loops, body: loops.at(-1)?.scope ?? around, block: null, position: position || "0" };
}

function counted(around: Scope, reduced: Axes, stripes: number): ReducedNest {
  const sizes = reduced.map(({ size }) => size);
  const terms = product(sizes);
  const start = stripes === 1 ? "0u" : "stripe";
  const own = Math.ceil(terms / stripes);
  const inBlock = Math.max(leastBlock, 2 ** Math.ceil(Math.log2(own) / 2)) * stripes;
  const loops: Loops = [];
  const isBlocked = own > few;
  if (isBlocked) {
    const head = `for (var first = ${start}; first < ${terms}u; first += ${inBlock}u)`;
    loops.push({ scope: inside(around, "loop"), head });
  }
  const axes = reduced.map(({ axis }) => axis);
  const body = inside(loops.at(-1)?.scope ?? around, "loop", axes);
  const [from, end] = isBlocked ? ["first", `min(first + ${inBlock}u, ${terms}u)`] : [start, `${terms}u`];
  loops.push({ scope: body, head: `for (var term = ${from}; term < ${end}; term += ${stripes}u)` });
  const names = reduced.map(({ name }) => name);
  body.lines.push(...indexLines(names, sizes, "term"));
  return { loops, body, block: isBlocked ? loops[0]!.scope : null, position: "i32(term)" };
}

/** Writes the loops into the scope around them; `flush` ends a block. */
export function closeNest({ loops, block }: ReducedNest, flush: readonly string[]): void {
  for (const { scope, head } of loops.toReversed()) {
    if (scope === block) scope.lines.push(...flush);
    close(scope, head);
  }
}
