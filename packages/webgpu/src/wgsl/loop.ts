import { collapsed, showKernel, withRoots, type LoopKernel } from "@steelyard/compiler";
import type { RenderOptions, Shader } from "../shader.ts";
import { withDecidedGuards } from "./decided-guards.ts";
import { foldedWorkgroups, indexLines, workgroupText } from "./dispatch.ts";
import { foursAlong, type Fours } from "./fours.ts";
import { defaultLoopSchedule, product, type LoopSchedule } from "./loop-schedule.ts";
import { hasTerms, sharedVariables, writeAlone, writeShared } from "./loop-work.ts";
import { storageType } from "./scalars.ts";
import { close, inside, outermost, type Scope } from "./scopes.ts";
import { shaderOf } from "./text.ts";

// A point is one invocation's; or, where there are few points of many terms, each of several invocations takes every so
// many of a point's terms, and what they come to is put together in workgroup memory, two and two. Four points beside
// each other, or four terms, may count as one: they are read and written as vectors.

/** A map or a reduction as WGSL. */
export function renderLoop(loop: LoopKernel, options: RenderOptions, wanted?: LoopSchedule): Shader {
  const kernel = prepared(loop);
  const { space, buffers, numbers, stores } = kernel;
  const chosen = wanted ?? defaultLoopSchedule(kernel, options);
  const isShared = chosen.stripes > 1 && hasTerms(kernel);
  const schedule = isShared ? { ...chosen, turns: 1 } : { ...chosen, stripes: 1 };
  const fours = options.offsets ? null : foursOf(kernel, schedule);
  const quad = fours !== null && fours.axis < space.length ? fours.quad : null;
  const sizes = quad === null ? space : space.with(-1, space.at(-1)! / 4);
  const axes = quad === null ? [...space.keys()] : [...space.keys()].with(-1, quad);
  const count = product(sizes);
  const perGroup = schedule.points * schedule.turns;
  const workgroups = foldedWorkgroups(Math.ceil(count / perGroup), options.limits.workgroups);
  const isRagged = product(workgroups) * perGroup !== count;
  const root = outermost();
  if (count > 0) {
    const points = pointsOf(root, { sizes, axes, quad, workgroups, isRagged }, schedule);
    const work = { kernel, options, schedule, fours, root: points, isRagged, count };
    if (isShared) writeShared(work);
    else writeAlone(work);
    if (points !== root) close(points, `for (var turn = 0u; turn < ${schedule.turns}u; turn++)`);
  }
  const invocations = schedule.points * schedule.stripes;
  return shaderOf({
    title: showKernel(kernel),
    buffers,
    elements: buffers.map((dtype, i) => (fours?.buffers.has(i) === true ? `vec4<${storageType(dtype)}>` : undefined)),
    stored: new Set(stores.map(({ buffer }) => buffer)),
    words: (options.offsets ? buffers.length : 0) + numbers.length,
    declarations: isShared && count > 0 ? sharedVariables(kernel, fours, invocations) : [],
    size: [invocations, 1, 1],
    builtins: ["workgroup_id", "local_invocation_index"],
    body: root.lines,
    workgroups,
  });
}

/** As few axes and guards as can be. */
function prepared(loop: LoopKernel): LoopKernel {
  const kernel = collapsed(loop);
  const sizes = [...kernel.space, ...kernel.reduced];
  return sizes.includes(0) ? kernel : withRoots(kernel, withDecidedGuards(sizes));
}

/** Which points there are, and who has them. */
interface Grid {
  /** The space; with fours the last axis counts those, under another number. */
  readonly sizes: readonly number[];
  readonly axes: readonly number[];
  readonly quad: number | null;
  readonly workgroups: Shader["workgroups"];
  /** Whether there are invocations without a point. */
  readonly isRagged: boolean;
}

function foursOf(kernel: LoopKernel, { fours }: LoopSchedule): Fours | null {
  const { space, reduced } = kernel;
  if (fours === null || (fours === "reduced" && (reduced.length === 0 || !hasTerms(kernel)))) return null;
  return foursAlong(kernel, fours === "space" ? space.length - 1 : space.length + reduced.length - 1);
}

/** Says which point an invocation has, and which of those that share it it is; answers where its work is to be written. */
function pointsOf(root: Scope, { sizes, axes, quad, workgroups, isRagged }: Grid, schedule: LoopSchedule): Scope {
  const { points, turns, stripes, fastest } = schedule;
  const count = product(sizes);
  const local = "local_invocation_index";
  const [stripe, beside] =
    fastest === "points" ? [`${local} / ${points}u`, `${local} % ${points}u`] : [`${local} % ${stripes}u`, `${local} / ${stripes}u`]; // prettier-ignore
  if (stripes > 1) root.lines.push(`let stripe = ${points === 1 ? local : stripe};`);
  const group = workgroupText(workgroups);
  const groups = group === "workgroup_id.x" ? group : `(${group})`;
  const first = points * turns === 1 ? group : `${points * turns}u * ${groups}`;
  const here = points === 1 ? "" : ` + ${stripes === 1 ? local : beside}`;
  const along = turns === 1 ? "" : ` + ${points}u * turn`;
  const work = turns === 1 ? root : inside(root, "loop", axes);
  const names = axes.map((axis) => (axis === quad ? "q" : `i${axis}`));
  if (sizes.length > 0 || isRagged) work.lines.push(`let point = ${first}${along}${here};`);
  if (stripes === 1 && isRagged) work.lines.push(`if (point >= ${count}u) { return; }`);
  work.lines.push(...indexLines(names, sizes, "point"));
  return work;
}
