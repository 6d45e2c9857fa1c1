import { allParts, axesInUse, axisSet, partsOf, type AxisSet, type Expr } from "@steelyard/compiler";
import { indented } from "./text.ts";

// Where an expression is computed: as far out as all that use it have in common, out of all loops on which it does not
// depend, and within the branches of guards only if nobody needs it outside.

/** A stretch of statements. */
export interface Scope {
  readonly parent: Scope | null;
  /** "loop": once for each index of an axis; "branch": where something holds; "block": always. */
  readonly kind: "block" | "loop" | "branch";
  /** The axes that change from one round of a loop to the next. */
  readonly axes: readonly number[];
  /** What it begins with, as far as it is used in it. */
  readonly lets: readonly { readonly name: string; readonly text: string }[];
  readonly lines: string[];
}

export function outermost(): Scope {
  return { parent: null, kind: "block", axes: [], lets: [], lines: [] };
}

export function inside(
  parent: Scope,
  kind: Scope["kind"],
  axes: readonly number[] = [],
  lets: Scope["lets"] = [],
): Scope {
  return { parent, kind, axes, lets, lines: [] };
}

/** Writes a scope, under its head, into the one around it; what is written into that one later comes behind it. */
export function close({ parent, lets, lines }: Scope, head: string): void {
  const used = lets.filter(({ name }) => lines.some((line) => new RegExp(`\\b${name}\\b`, "u").test(line)));
  const all = [...used.map(({ name, text }) => `let ${name} = ${text};`), ...lines];
  parent!.lines.push(`${head} {`, ...indented(all), "}");
}

/** The scopes around a scope and itself, outermost first. */
export function chainOf(scope: Scope): Scope[] {
  return scope.parent === null ? [scope] : [...chainOf(scope.parent), scope];
}

export interface Place {
  readonly scope: Scope;
  /** How many expressions and statements use it. */
  readonly uses: number;
  /** Whether it is computed where nobody may need it, so that its loads may be outside of their buffers. */
  readonly speculative: boolean;
  /** The scopes of a guarded expression's two values. */
  readonly branches: readonly [yes: Scope, no: Scope] | null;
}

/** A statement's need of an expression. */
export interface Use {
  readonly expr: Expr;
  readonly scope: Scope;
}

interface Need {
  readonly scope: Scope;
  readonly speculative: boolean;
}

/** A place for every expression that these uses need. */
export function placesOf(uses: readonly Use[]): ReadonlyMap<Expr, Place> {
  const needs = new Map<Expr, Need[]>();
  const need = (expr: Expr, scope: Scope, speculative: boolean): void => {
    const list = needs.get(expr) ?? [];
    list.push({ scope, speculative });
    needs.set(expr, list);
  };
  for (const { expr, scope } of uses) need(expr, scope, false);
  const axesOf = axesInUse();
  const places = new Map<Expr, Place>();
  // Wholes before parts: where an expression is computed is settled when all its users have their places.
  for (const expr of allParts(uses.map((use) => use.expr)).toReversed()) {
    const place = placeFor(expr, needs.get(expr)!, axesOf(expr));
    places.set(expr, place);
    const { scope, speculative, branches } = place;
    if (expr.kind === "guarded") {
      need(expr.value, branches![0], speculative);
      need(expr.otherwise, branches![1], speculative);
    } else for (const part of partsOf(expr)) need(part, scope, speculative);
  }
  return places;
}

/** What the result of a reduction depends on: it stays where it is. */
const everyAxis: AxisSet = -1;

function placeFor(expr: Expr, needs: readonly Need[], axes: AxisSet): Place {
  const scope = outOfLoops(needs.map((each) => each.scope).reduce(common), axes);
  const speculative = needs.every((each) => each.speculative || crossesBranch(each.scope, scope));
  const branches = expr.kind === "guarded" ? ([inside(scope, "branch"), inside(scope, "branch")] as const) : null;
  return { scope, uses: needs.length, speculative, branches };
}

function outOfLoops(scope: Scope, axes: AxisSet): Scope {
  const changes = scope.kind !== "loop" || axes === everyAxis || (axisSet(scope.axes) & axes) !== 0;
  return changes ? scope : outOfLoops(scope.parent!, axes);
}

/** The innermost scope around both. */
function common(a: Scope, b: Scope): Scope {
  const [outer, other] = [chainOf(a), chainOf(b)];
  return outer.findLast((scope, depth) => scope === other[depth])!;
}

function crossesBranch(from: Scope, to: Scope): boolean {
  for (let scope = from; scope !== to; scope = scope.parent!) if (scope.kind === "branch") return true;
  return false;
}
