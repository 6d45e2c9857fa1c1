import { showKernel, type ContractionKernel } from "@steelyard/compiler";
import type { RenderOptions, Shader } from "../shader.ts";
import { sumText } from "./contraction-block.ts";
import { groupTileOf } from "./contraction-group.ts";
import { widthOf, type Operand } from "./contraction-operand.ts";
import { accumulate } from "./contraction-registers.ts";
import {
  defaultSchedule,
  type ContractionSchedule,
  type RegisterSchedule,
  type WorkgroupSchedule,
} from "./contraction-schedule.ts";
import { epilogueFunction, isExact, storeTile } from "./contraction-store.ts";
import { tileOf, type TileAxis } from "./contraction-tile.ts";
import { groupLines, tileVariables } from "./contraction-workgroup.ts";
import { foldedWorkgroups, indexLines, workgroupText } from "./dispatch.ts";
import { storageType } from "./scalars.ts";
import { shaderOf, type ModuleParts } from "./text.ts";

/** What the kinds of schedules do in ways of their own. */
type OwnParts = Pick<
  ModuleParts,
  "elements" | "enables" | "declarations" | "size" | "builtins" | "body" | "workgroups"
>;

/** A contraction as WGSL. */
export function renderContraction(kernel: ContractionKernel, options: RenderOptions): Shader {
  const schedule = options.schedule ?? defaultSchedule(kernel, options);
  const { buffers, numbers } = kernel;
  const own =
    schedule.kind === "registers"
      ? registerParts(kernel, schedule, options)
      : workgroupParts(kernel, schedule, options);
  return shaderOf({
    title: `${showKernel(kernel)}\n${howText(schedule)}`,
    buffers,
    stored: new Set([buffers.length - 1]),
    words: numbers.length + (options.offsets ? buffers.length : 0),
    ...own,
    declarations: [...own.declarations, ...epilogueFunction(kernel, options.offsets)],
  });
}

/** The schedule for people. */
function howText(schedule: ContractionSchedule): string {
  const { rows, columns, depth } = schedule;
  const tile = `up to ${rows} × ${columns} of C in each invocation, ${depth} terms at a time`;
  if (schedule.kind === "workgroup")
    return `${tile}, from memory that ${schedule.invocations.join(" × ")} of them share`;
  const neighbours = `neighbours along ${schedule.along}`;
  return schedule.lanes === 1
    ? `${tile}; ${neighbours}`
    : `${tile}; ${schedule.lanes} ${neighbours} share what they load`;
}

/** Invocations of a workgroup whose invocations share nothing. */
const alone = 64;

function registerParts(kernel: ContractionKernel, schedule: RegisterSchedule, options: RenderOptions): OwnParts {
  const tile = tileOf(kernel, schedule, options);
  const { own, shared, lanes } = tile;
  const side = lanes === 1 ? alone : lanes;
  const names = [...kernel.outer.map((_, axis) => `i${axis}`), `${shared.axis}_tile`, `${own.axis}_tile`];
  const sizes = [...kernel.outer.map(({ size }) => size), shared.count, own.count / lanes];
  const count = volume(sizes);
  const groups = Math.ceil((count * lanes) / side);
  const workgroups = foldedWorkgroups(groups, options.limits.workgroups);
  const group = workgroupText(workgroups);
  const number = lanes === 1 ? `(${group}) * ${alone}u + local_invocation_index` : group;
  const isExactly = volume(workgroups) * (lanes === 1 ? alone : 1) === count;
  return {
    elements: elementsOf(kernel, [own.operand, shared.operand], tile.storesFours),
    enables: lanes === 1 ? [] : ["enable subgroups;", "diagnostic(off, subgroup_uniformity);"],
    declarations: [],
    size: [side, 1, 1],
    builtins: ["workgroup_id", lanes === 1 ? "local_invocation_index" : "subgroup_invocation_id"],
    workgroups,
    body: [
      `let tile = ${number};`,
      ...(isExactly ? [] : [`if (tile >= ${count}u) { return; }`]),
      "// A 0 that no compiler knows: it would write loops out whose length it knows, and be busy for seconds.",
      "let zero = i32(tile >> 31u);",
      ...indexLines(names, sizes, "tile"),
      ...(lanes === 1 ? [] : ["let lane = i32(subgroup_invocation_id);"]),
      ...firstLines(shared, `${shared.axis}_tile`),
      ...firstLines(own, lanes === 1 ? `${own.axis}_tile` : `(${lanes} * ${own.axis}_tile + lane)`),
      ...accumulate(tile),
      ...storeTile(tile),
    ],
  };
}

/** The first row of a tile, and how many of its rows the tile before stores. */
function firstLines(tileAxis: TileAxis, number: string): string[] {
  const { axis, operand, size } = tileAxis;
  const begin = sumText([[number, size]]);
  if (isExact(tileAxis)) return [`let ${axis}0 = ${begin};`];
  return [`let ${axis}0 = min(${begin}, ${operand.size - size});`, `let skip_${axis} = ${begin} - ${axis}0;`];
}

function workgroupParts(kernel: ContractionKernel, schedule: WorkgroupSchedule, options: RenderOptions): OwnParts {
  const tile = groupTileOf(kernel, schedule, options);
  const { rows, columns, batch } = tile;
  const names = [...batch.map((axis) => `i${axis}`), "m_block", "n_block"];
  const sizes = [...batch.map((axis) => kernel.outer[axis]!.size), rows.blocks, columns.blocks];
  const count = volume(sizes);
  const workgroups = foldedWorkgroups(count, options.limits.workgroups);
  return {
    elements: elementsOf(kernel, [rows.operand, columns.operand], tile.storesFours),
    declarations: tileVariables(tile),
    size: [tile.invocations, 1, 1],
    builtins: ["workgroup_id", "local_invocation_index"],
    workgroups,
    body: [
      `let block = ${workgroupText(workgroups)};`,
      ...(volume(workgroups) === count ? [] : [`if (block >= ${count}u) { return; }`]),
      ...indexLines(names, sizes, "block"),
      ...groupLines(tile),
    ],
  };
}

function volume(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1);
}

/** The types in which A, B and C are read and written, where that is four at a time. */
function elementsOf(
  { buffers }: ContractionKernel,
  operands: readonly Operand[],
  storesFours: boolean,
): (string | undefined)[] {
  return buffers.map((dtype, i) => {
    const operand = operands.find(({ buffer }) => buffer === i);
    const isFour = operand === undefined ? storesFours && i === buffers.length - 1 : widthOf(operand) === 4;
    return isFour ? `vec4<${storageType(dtype)}>` : undefined;
  });
}
