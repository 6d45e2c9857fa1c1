import { collapsed, showKernel, withRoots, type LoopKernel } from "@steelyard/compiler";
import type { RenderOptions, Shader } from "../shader.ts";
import { axesOf, inFours } from "./axes.ts";
import { withDecidedGuards } from "./decided-guards.ts";
import { atPoints, gridOf, withZero } from "./dispatch.ts";
import { foursOf, scheduleFor, type LoopSchedule } from "./loop-schedule.ts";
import { sharedVariables, writePoint } from "./loop-work.ts";
import { storageType } from "./scalars.ts";
import { outermost } from "./scopes.ts";
import { shaderOf } from "./text.ts";

// A point is one invocation's; or, where there are few points of many terms, each of several invocations takes every so
// many of a point's terms, and what they come to is put together in workgroup memory, two and two. Four points beside
// each other, or four terms, may count as one: they are read and written as vectors.

/** A map or a reduction as WGSL. */
export function renderLoop(loop: LoopKernel, options: RenderOptions, wanted: LoopSchedule | null = null): Shader {
  const kernel = prepared(loop);
  const { space, buffers, numbers, stores } = kernel;
  const schedule = scheduleFor(kernel, options, wanted);
  const fours = foursOf(kernel, options, schedule);
  const axes = inFours(axesOf(space), fours);
  const grid = gridOf(axes, schedule, options.limits.workgroups);
  const root = outermost();
  if (grid.count > 0) {
    atPoints(root, axes, grid, schedule, (scope) =>
      writePoint({ kernel, options, schedule, fours, grid, root: scope }),
    );
  }
  const invocations = schedule.points * schedule.stripes;
  return shaderOf({
    title: showKernel(kernel),
    buffers,
    elements: buffers.map((dtype, i) => (fours?.buffers.has(i) === true ? `vec4<${storageType(dtype)}>` : undefined)),
    stored: new Set(stores.map(({ buffer }) => buffer)),
    words: (options.offsets ? buffers.length : 0) + numbers.length,
    declarations: schedule.stripes > 1 ? sharedVariables(kernel, fours, invocations) : [],
    size: [invocations, 1, 1],
    builtins: ["workgroup_id", "local_invocation_index"],
    body: withZero(root.lines),
    workgroups: grid.workgroups,
  });
}

/** As few axes and guards as can be. */
function prepared(loop: LoopKernel): LoopKernel {
  const kernel = collapsed(loop);
  const sizes = [...kernel.space, ...kernel.reduced];
  return sizes.includes(0) ? kernel : withRoots(kernel, withDecidedGuards(sizes));
}
