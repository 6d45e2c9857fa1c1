import type { Shader } from "../shader.ts";
import { countOf, product, type Axis } from "./axes.ts";
import type { LoopSchedule } from "./loop-schedule.ts";
import { close, inside, type Scope } from "./scopes.ts";

// Which invocation has which point: workgroups are counted along x, then y, then z, as a dispatch has at most 65535 of them
// along each.

/** Who has which points. */
export interface Grid {
  readonly workgroups: Shader["workgroups"];
  /** How many points there are, or fours of them. */
  readonly count: number;
  /** Whether there are invocations without a point. */
  readonly isRagged: boolean;
}

/** Workgroups for all points along axes, at most so many in a row. */
export function gridOf(axes: readonly Axis[], { points, turns }: LoopSchedule, most: number): Grid {
  const count = countOf(axes);
  const workgroups = foldedWorkgroups(Math.ceil(count / points / turns), most);
  const [x, y, z] = workgroups;
  return { workgroups, count, isRagged: x * y * z * points * turns !== count };
}

/** Workgroups along x, y and z, at most so many along each: at least `count` in all, and not many more. */
export function foldedWorkgroups(count: number, most: number): Shader["workgroups"] {
  if (count <= most) return [count, 1, 1];
  const planes = Math.ceil(count / (most * most));
  const rows = Math.ceil(count / (most * planes));
  return [Math.ceil(count / (rows * planes)), rows, planes];
}

/**
 * Writes what an invocation does at its points: first which point it is, and which of those who share it, then what `work`
 * writes into the scope it is given.
 */
export function atPoints(
  root: Scope,
  axes: readonly Axis[],
  grid: Grid,
  schedule: LoopSchedule,
  work: (scope: Scope) => void,
): void {
  const { points, turns, stripes } = schedule;
  const { count, isRagged } = grid;
  const { stripe, beside } = sharesOf(schedule);
  if (stripes > 1) root.lines.push(`let stripe = ${stripe};`);
  const first = timesText(points * turns, workgroupText(grid.workgroups));
  const turn = turns === 1 ? null : timesText(points, "turn");
  const numbers = axes.map(({ axis }) => axis);
  const scope = turns === 1 ? root : inside(root, "loop", numbers);
  const point = [first, turn, points === 1 ? null : beside].filter((part) => part !== null).join(" + ");
  if (axes.length > 0 || isRagged) scope.lines.push(`let point = ${point};`);
  if (stripes === 1 && isRagged) scope.lines.push(`if (point >= ${count}u) { return; }`);
  scope.lines.push(...axisLines(axes, "point"));
  work(scope);
  if (turns > 1) close(scope, `for (var turn = zero; turn < ${turns}u; turn++)`);
}

/**
 * Loops begin at a 0 that compilers do not know, and that might differ between invocations: they would write the loops out,
 * and lavapipe takes seconds for a loop in which all invocations are known to be at the same place.
 */
export function withZero(lines: readonly string[]): readonly string[] {
  const isUsed = lines.some((line) => /\bzero\b/u.test(line));
  return isUsed ? ["let zero = local_invocation_index >> 31u;", ...lines] : lines;
}

/** Which of those who share a point an invocation is, and which point of its workgroup that is. */
function sharesOf({ points, stripes, fastest }: LoopSchedule): { stripe: string; beside: string } {
  const local = "local_invocation_index";
  if (stripes === 1 || points === 1) return { stripe: local, beside: local };
  const [few, many] = [`${local} % ${fastest === "points" ? points : stripes}u`, `${local} / ${fastest === "points" ? points : stripes}u`]; // prettier-ignore
  return fastest === "points" ? { stripe: many, beside: few } : { stripe: few, beside: many };
}

/** The number of the workgroup. */
export function workgroupText([x, y, z]: Shader["workgroups"]): string {
  if (y === 1 && z === 1) return "workgroup_id.x";
  const row = z === 1 ? "workgroup_id.y" : `(workgroup_id.y + ${y}u * workgroup_id.z)`;
  return `workgroup_id.x + ${x}u * ${row}`;
}

function timesText(factor: number, text: string): string {
  if (factor === 1) return text;
  return `${factor}u * ${/^[\w.]+$/u.test(text) ? text : `(${text})`}`;
}

/** Statements that make indices of a number that counts points, the last axis fastest. */
export function indexLines(names: readonly string[], sizes: readonly number[], number: string): string[] {
  return names.map((name, axis) => {
    const below = product(sizes.slice(axis + 1));
    const quotient = below === 1 ? number : `${number} / ${below}u`;
    return `let ${name} = i32(${axis === 0 ? quotient : `${quotient} % ${sizes[axis]!}u`});`;
  });
}

/** The same for axes. */
export function axisLines(axes: readonly Axis[], number: string): string[] {
  return indexLines(
    axes.map(({ name }) => name),
    axes.map(({ size }) => size),
    number,
  );
}
