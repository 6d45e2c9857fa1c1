import { collapsed, showKernel, type Accumulator, type LoopKernel } from "@steelyard/compiler";
import type { RenderOptions, Shader } from "../shader.ts";
import { foldInto, identityOf, isRounded, running, type Running } from "./accumulators.ts";
import { foldedWorkgroups, indexLines, workgroupText } from "./dispatch.ts";
import { expressionPrinter, type ExpressionPrinter } from "./expressions.ts";
import { defaultLoopSchedule, product, type LoopSchedule } from "./loop-schedule.ts";
import { closeNest, reducedNest, type ReducedNest } from "./reduced-nest.ts";
import { toStorage } from "./scalars.ts";
import { close, inside, outermost, type Scope, type Use } from "./scopes.ts";
import { shaderOf } from "./text.ts";

// A point is one invocation's; or, where there are few points of many terms, each of several invocations takes every so
// many of a point's terms, and what they come to is put together in workgroup memory, two and two.

/** A map or a reduction as WGSL. */
export function renderLoop(loop: LoopKernel, options: RenderOptions, schedule?: LoopSchedule): Shader {
  const kernel = collapsed(loop);
  const chosen = schedule ?? defaultLoopSchedule(kernel, options);
  const isShared = chosen.stripes > 1 && hasTerms(kernel);
  const { points, stripes } = isShared ? chosen : { ...chosen, stripes: 1 };
  const { space, buffers, numbers, stores } = kernel;
  const count = product(space);
  const workgroups = foldedWorkgroups(Math.ceil(count / points), options.limits.workgroups);
  const root = outermost();
  const isRagged = product(workgroups) * points !== count;
  const writing = { kernel, options, schedule: { ...chosen, points, stripes }, root, isRagged };
  if (count > 0) {
    root.lines.push(...pointLines(writing, workgroups));
    if (isShared) writeShared(writing);
    else writeAlone(writing);
  }
  return shaderOf({
    title: showKernel(kernel),
    buffers,
    stored: new Set(stores.map(({ buffer }) => buffer)),
    words: (options.offsets ? buffers.length : 0) + numbers.length,
    declarations: isShared && count > 0 ? sharedVariables(kernel, points * stripes) : [],
    size: [points * stripes, 1, 1],
    builtins: ["workgroup_id", "local_invocation_index"],
    body: root.lines,
    workgroups,
  });
}

interface Writing {
  readonly kernel: LoopKernel;
  readonly options: RenderOptions;
  readonly schedule: LoopSchedule;
  readonly root: Scope;
  /** Whether there are invocations without a point. */
  readonly isRagged: boolean;
}

/** Without terms nothing is read: the accumulators keep what they begin with. */
function hasTerms({ accumulators, reduced }: LoopKernel): boolean {
  return accumulators.length > 0 && product(reduced) > 0;
}

/** Which point, and which of those that share it, an invocation is. */
function pointLines({ kernel: { space }, schedule, isRagged }: Writing, workgroups: Shader["workgroups"]): string[] {
  const { points, stripes, fastest } = schedule;
  const count = product(space);
  const local = "local_invocation_index";
  const [stripe, beside] =
    fastest === "points"
      ? [points === 1 ? local : `${local} / ${points}u`, `${local} % ${points}u`]
      : [points === 1 ? local : `${local} % ${stripes}u`, `${local} / ${stripes}u`];
  const group = workgroupText(workgroups);
  const first = points === 1 ? group : `${points}u * (${group})`.replaceAll(/\((workgroup_id\.x)\)/gu, "$1");
  const here = stripes === 1 ? local : beside;
  const point = points === 1 ? first : `${first} + ${here}`;
  const names = space.map((_, axis) => `i${axis}`);
  return [
    ...(space.length === 0 && !isRagged ? [] : [`let point = ${point};`]),
    ...(stripes === 1 ? [] : [`let stripe = ${stripe};`]),
    ...(stripes === 1 && isRagged ? [`if (point >= ${count}u) { return; }`] : []),
    ...indexLines(names, space, "point"),
  ];
}

function writeAlone(writing: Writing): void {
  const { kernel, root } = writing;
  const nest = hasTerms(kernel) ? nestIn(root, writing) : null;
  const printer = printerOf(writing, nest, root);
  const all = kernel.accumulators.map(running);
  root.lines.push(...all.flatMap(({ variables }) => variables.map(({ name, start }) => `var ${name} = ${start};`)));
  if (nest !== null) writeTerms(writing, nest, all, printer);
  root.lines.push(...all.flatMap(({ finish }) => finish));
  writeStores(writing, root, printer);
}

function writeShared(writing: Writing): void {
  const { kernel, schedule, root, isRagged } = writing;
  const count = product(kernel.space);
  const own = isRagged ? inside(root, "branch") : root;
  const nest = nestIn(own, writing);
  const last = inside(root, "branch");
  const printer = printerOf(writing, nest, last);
  const all = kernel.accumulators.map(running);
  root.lines.push(...all.flatMap(({ variables }) => variables.map(({ name, start }) => `var ${name} = ${start};`)));
  writeTerms(writing, nest, all, printer);
  if (isRagged) close(own, `if (point < ${count}u)`);
  root.lines.push(...togetherLines(all, schedule));
  last.lines.push(...all.flatMap(({ finish }) => finish));
  writeStores(writing, last, printer);
  close(last, `if (stripe == 0u${isRagged ? ` && point < ${count}u` : ""})`);
}

function nestIn(scope: Scope, { kernel: { space, reduced }, schedule: { stripes } }: Writing): ReducedNest {
  const axes = reduced.map((_, i) => space.length + i);
  return reducedNest(scope, { sizes: reduced, axes, names: axes.map((axis) => `i${axis}`) }, stripes);
}

function bodyOf(nest: ReducedNest, around: Scope): Scope {
  return nest.loops.at(-1)?.scope ?? around;
}

function printerOf(writing: Writing, nest: ReducedNest | null, last: Scope): ExpressionPrinter {
  const { kernel, options, root } = writing;
  const { space, reduced, accumulators, stores, buffers } = kernel;
  const sizes = [...space, ...reduced];
  const terms = nest === null ? [] : accumulators.flatMap((each) => usesOf(each, bodyOf(nest, root)));
  const uses = [...terms, ...stores.map(({ expr }) => ({ expr, scope: last }))];
  const around = {
    axes: sizes.map((_, axis) => `i${axis}`),
    sizes,
    buffers,
    accumulators: accumulators.map((_, i) => `a${i}`),
    offsets: options.offsets,
  };
  return expressionPrinter(
    around,
    uses,
    stores.map(({ at }) => at),
  );
}

function usesOf(accumulator: Accumulator, scope: Scope): Use[] {
  const { expr } = accumulator;
  return accumulator.op === "choose" ? [{ expr, scope }, { expr: accumulator.value, scope }] : [{ expr, scope }]; // prettier-ignore
}

/** The loops over the terms, in which all accumulators take them in. */
function writeTerms(
  { kernel: { accumulators }, root }: Writing,
  nest: ReducedNest,
  all: readonly Running[],
  printer: ExpressionPrinter,
): void {
  const { block, position } = nest;
  const body = bodyOf(nest, root);
  const flush: string[] = [];
  accumulators.forEach((each, i) => {
    const value = printer.value(each.expr, body);
    if (each.op === "choose")
      body.lines.push(...all[i]!.take({ value, kept: printer.value(each.value, body), position }));
    else if (block === null || !isRounded(each)) body.lines.push(...all[i]!.take({ value, kept: "", position }));
    else {
      block.lines.push(`var part${i} = ${identityOf(each)};`);
      body.lines.push(foldInto(each, `part${i}`, value));
      flush.push(foldInto(each, `a${i}`, `part${i}`));
    }
  });
  closeNest(nest);
}

function writeStores({ kernel: { stores } }: Writing, scope: Scope, printer: ExpressionPrinter): void {
  const dtypes = stores.map(({ expr }) => expr.dtype);
  const values = stores.map(({ expr }) => printer.value(expr, scope));
  // All values are there before anything is stored: a store may overwrite what another has read.
  const kept = values.map((value, i) => {
    if (stores.length === 1) return value;
    scope.lines.push(`let r${i} = ${value};`);
    return `r${i}`;
  });
  const places = stores.map(({ buffer, at }) => printer.element(buffer, at, scope));
  scope.lines.push(...places.map((place, i) => `${place} = ${toStorage(dtypes[i]!, kept[i]!)};`));
}

function sharedVariables({ accumulators }: LoopKernel, invocations: number): string[] {
  const all = accumulators.flatMap((each, i) => running(each, i).variables);
  return [all.map(({ name, type }) => `var<workgroup> all_${name}: array<${type}, ${invocations}>;`).join("\n")];
}

/** Half of the invocations take in what the other half has come to, again and again. */
function togetherLines(all: readonly Running[], { points, stripes, fastest }: LoopSchedule): string[] {
  const names = all.flatMap(({ variables }) => variables.map(({ name }) => name));
  const distance = fastest === "points" && points > 1 ? `${points}u * half` : "half";
  const keep = names.map((name) => `all_${name}[local_invocation_index] = ${name};`);
  return [
    ...keep,
    `for (var half = ${stripes / 2}u; half > 0u; half /= 2u) {`,
    "  workgroupBarrier();",
    "  if (stripe < half) {",
    `    let other = local_invocation_index + ${distance};`,
    ...all.flatMap((each) => each.merge((name) => `all_${name}[other]`)).map((line) => `    ${line}`),
    ...keep.map((line) => `    ${line}`),
    "  }",
    "}",
  ];
}
