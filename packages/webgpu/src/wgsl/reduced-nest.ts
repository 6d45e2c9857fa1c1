import { indexLines } from "./dispatch.ts";
import { product } from "./loop-schedule.ts";
import { close, inside, type Scope } from "./scopes.ts";

/** Loops over the terms of a point: how they begin, the outermost first. */
export interface ReducedNest {
  readonly loops: readonly { readonly scope: Scope; readonly head: string }[];
  /** The loop of whose rounds each is a block: what is summed in it becomes one term of the sum. */
  readonly block: Scope | null;
  /** The position of a term among all of them. */
  readonly position: string;
}

/** Reduced axes, as a kernel has them behind those of its space. */
export interface ReducedAxes {
  readonly sizes: readonly number[];
  readonly names: readonly string[];
  /** Their numbers among all axes. */
  readonly axes: readonly number[];
}

/** So many terms are taken one after the other, axis by axis. More are counted through, in blocks. */
const few = 1024;
const leastBlock = 256;

/** Loops in a scope over all terms of the reduced axes, or over every so many from `stripe` on. */
export function reducedNest(around: Scope, reduced: ReducedAxes, stripes: number): ReducedNest {
  return stripes === 1 && product(reduced.sizes) <= few
    ? axisByAxis(around, reduced)
    : counted(around, reduced, stripes);
}

function axisByAxis(around: Scope, { sizes, names, axes }: ReducedAxes): ReducedNest {
  const loops: { scope: Scope; head: string }[] = [];
  sizes.forEach((size, i) => {
    const name = names[i]!;
    const scope = inside(loops.at(-1)?.scope ?? around, "loop", [axes[i]!]);
    loops.push({ scope, head: `for (var ${name} = 0; ${name} < ${size}; ${name}++)` });
  });
  const position = sizes.reduce((text, size, i) => (i === 0 ? names[0]! : `(${text}) * ${size} + ${names[i]!}`), "0");
  return { loops, block: null, position };
}

function counted(around: Scope, { sizes, names, axes }: ReducedAxes, stripes: number): ReducedNest {
  const terms = product(sizes);
  const start = stripes === 1 ? "0u" : "stripe";
  const own = Math.ceil(terms / stripes);
  const inBlock = Math.max(leastBlock, 2 ** Math.ceil(Math.log2(own) / 2)) * stripes;
  const isBlocked = own > few;
  const loops: { scope: Scope; head: string }[] = [];
  if (isBlocked) {
    const head = `for (var first = ${start}; first < ${terms}u; first += ${inBlock}u)`;
    loops.push({ scope: inside(around, "loop"), head });
  }
  const scope = inside(loops.at(-1)?.scope ?? around, "loop", axes);
  const end = isBlocked ? `min(first + ${inBlock}u, ${terms}u)` : `${terms}u`;
  loops.push({
    scope,
    head: `for (var term = ${isBlocked ? "first" : start}; term < ${end}; term += ${stripes}u)`,
  });
  scope.lines.push(...indexLines(names, sizes, "term"));
  return { loops, block: isBlocked ? loops[0]!.scope : null, position: "i32(term)" };
}

/** Writes the loops into the scope around them. */
export function closeNest({ loops }: ReducedNest): void {
  for (const { scope, head } of loops.toReversed()) close(scope, head);
}
