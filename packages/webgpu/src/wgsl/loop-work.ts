import type { LoopKernel } from "@steelyard/compiler";
import type { RenderOptions } from "../shader.ts";
import { axesOf, inFours } from "./axes.ts";
import type { Grid } from "./dispatch.ts";
import { running, type Running } from "./accumulators.ts";
import { expressionPrinter, type ExpressionPrinter } from "./expressions.ts";
import { vectorPlace, type Fours } from "./fours.ts";
import { hasTerms, type LoopSchedule } from "./loop-schedule.ts";
import { closeLanes, closeNest, laneHead, lanesIn, reducedNest, withLanes, type ReducedNest } from "./reduced-nest.ts";
import { storageType, toStorage } from "./scalars.ts";
import { close, inside, type Scope, type Use } from "./scopes.ts";
import { indented } from "./text.ts";

/** What is to be written, and where. */
export interface Work {
  readonly kernel: LoopKernel;
  readonly options: RenderOptions;
  readonly schedule: LoopSchedule;
  readonly fours: Fours | null;
  readonly grid: Grid;
  /** Where an invocation knows its point. */
  readonly root: Scope;
}

/** What is done at a point. */
export function writePoint(work: Work): void {
  if (work.schedule.stripes === 1) writeAlone(work);
  else writeShared(work);
}

/** A point by itself: its terms, then its stores. */
function writeAlone(work: Work): void {
  const { kernel, root } = work;
  const all = runningOf(work);
  const nest = hasTerms(kernel) ? nestIn(root, work) : null;
  const end = storeScope(root, work);
  const printer = printerOf(work, nest, end);
  root.lines.push(...openingOf(all));
  if (nest !== null) writeTerms(work, nest, all, printer);
  writeStores(work, end, all, printer);
}

/** A point that several invocations share: their terms, what these come to together, then its stores. */
function writeShared(work: Work): void {
  const { root, grid: { isRagged, count } } = work; // prettier-ignore
  const all = runningOf(work);
  const own = isRagged ? inside(root, "branch") : root;
  const nest = nestIn(own, work);
  const last = inside(root, "branch");
  const end = storeScope(last, work);
  const printer = printerOf(work, nest, end);
  root.lines.push(...openingOf(all));
  writeTerms(work, nest, all, printer);
  if (isRagged) close(own, `if (point < ${count}u)`);
  root.lines.push(...togetherLines(all, work));
  writeStores(work, end, all, printer);
  close(last, `if (stripe == 0u${isRagged ? ` && point < ${count}u` : ""})`);
}

/** Whether each invocation has four points: its accumulators are vectors then. */
function hasFourPoints({ fours, kernel: { space } }: Work): boolean {
  return fours !== null && fours.axis < space.length;
}

function runningOf(work: Work): Running[] {
  return work.kernel.accumulators.map((each, i) => running(each, i, hasFourPoints(work) ? "[lane]" : ""));
}

function openingOf(all: readonly Running[]): string[] {
  return all.flatMap(({ variables }) => variables.map(({ name, start }) => `var ${name} = ${start};`));
}

function nestIn(scope: Scope, { kernel, fours, schedule }: Work): ReducedNest {
  const { space, reduced } = kernel;
  const nest = reducedNest(scope, inFours(axesOf(reduced, space.length), fours), schedule.stripes);
  return fours === null ? nest : withLanes(nest, fours.axis, fours.axis >= space.length);
}

/** Where stores are written: with four points an inner loop. */
function storeScope(around: Scope, work: Work): Scope {
  return hasFourPoints(work) ? lanesIn(around, work.fours!.axis) : around;
}

function printerOf(work: Work, nest: ReducedNest | null, end: Scope): ExpressionPrinter {
  const { kernel, options, fours } = work;
  const { space, reduced, accumulators, stores, buffers } = kernel;
  const sizes = [...space, ...reduced];
  const terms = nest === null ? [] : accumulators.flatMap((each): Use[] => {
    const exprs = each.op === "choose" ? [each.expr, each.value] : [each.expr];
    return exprs.map((expr) => ({ expr, scope: nest.body }));
  }); // prettier-ignore
  const uses = [...terms, ...stores.map(({ expr }) => ({ expr, scope: end }))];
  const around = {
    axes: [...sizes.map((_, axis) => `i${axis}`), "q"],
    sizes,
    buffers,
    accumulators: accumulators.map((_, i) => `a${i}${hasFourPoints(work) ? "[lane]" : ""}`),
    offsets: options.offsets,
    fours,
  };
  return expressionPrinter(around, uses, stores.map(({ at }) => at)); // prettier-ignore
}

/** The loops over the terms, in which all accumulators take them in. */
function writeTerms({ kernel }: Work, nest: ReducedNest, all: readonly Running[], printer: ExpressionPrinter): void {
  const { block, body, position } = nest;
  const flush: string[] = [];
  kernel.accumulators.forEach((each, i) => {
    const value = printer.value(each.expr, body);
    const kept = each.op === "choose" ? printer.value(each.value, body) : "";
    const term = { value, kept, position };
    const { inBlocks } = all[i]!;
    if (block === null || inBlocks === null) {
      body.lines.push(...all[i]!.take(term));
      return;
    }
    block.lines.push(inBlocks.open);
    body.lines.push(...inBlocks.take(term));
    flush.push(inBlocks.flush);
  });
  closeNest(nest, flush);
}

function writeStores(work: Work, scope: Scope, all: readonly Running[], printer: ExpressionPrinter): void {
  const { kernel: { stores, buffers }, fours } = work; // prettier-ignore
  scope.lines.push(...all.flatMap(({ finish }) => finish));
  // All values are there before anything is stored: a store may overwrite what another has read.
  const values = stores.map(({ expr }, i) => {
    const value = printer.value(expr, scope);
    if (stores.length === 1) return value;
    scope.lines.push(`let r${i} = ${value};`);
    return `r${i}`;
  });
  const lanes = hasFourPoints(work);
  const whole: string[] = [];
  const lines = stores.map(({ buffer, at, expr }, i) => {
    const value = toStorage(expr.dtype, values[i]!);
    if (!lanes || !fours!.buffers.has(buffer)) return `${printer.element(buffer, at, scope)} = ${value};`;
    const place = printer.index(vectorPlace(at, fours!.axis, fours!.quad)!, scope.parent!);
    scope.parent!.lines.push(`var s${i}: vec4<${storageType(buffers[buffer]!)}>;`);
    whole.push(`b${buffer}[${place}] = s${i};`);
    return `s${i}[lane] = ${value};`;
  });
  scope.lines.push(...lines);
  if (!lanes) return;
  closeLanes(scope);
  scope.parent!.lines.push(...whole);
}

/** Workgroup memory for the variables of all reductions. */
export function sharedVariables({ accumulators, space }: LoopKernel, fours: Fours | null, count: number): string[] {
  const lane = fours !== null && fours.axis < space.length ? "[lane]" : "";
  const all = accumulators.flatMap((each, i) => running(each, i, lane).variables);
  return [all.map(({ name, type }) => `var<workgroup> all_${name}: array<${type}, ${count}>;`).join("\n")];
}

/** Half of the invocations take in what the other half has come to, again and again. */
function togetherLines(all: readonly Running[], work: Work): string[] {
  const { points, stripes, fastest } = work.schedule;
  const step = fastest === "points" ? points : 1;
  const names = all.flatMap(({ variables }) => variables.map(({ name }) => name));
  const keep = names.map((name) => `all_${name}[local_invocation_index] = ${name};`);
  const lines = [...keep];
  // Not as a loop: its rounds would have to be known to be the same for all, as barriers are in them.
  for (let half = stripes / 2; half >= 1; half /= 2) {
    const merge = all.flatMap((each) => each.merge((name) => `all_${name}[local_invocation_index + ${step * half}u]`));
    const merges = hasFourPoints(work) ? [`${laneHead} {`, ...indented(merge), "}"] : merge;
    lines.push(
      "workgroupBarrier();",
      `if (stripe < ${half}u) {`,
      ...indented([...merges, ...(half > 1 ? keep : [])]),
      "}",
    );
  }
  return lines;
}
