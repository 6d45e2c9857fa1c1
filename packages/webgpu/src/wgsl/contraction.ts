import { showKernel, type ContractionKernel } from "@steelyard/compiler";
import type { RenderOptions, Shader } from "../shader.ts";
import { widthOf } from "./contraction-operand.ts";
import { sumText } from "./contraction-block.ts";
import { accumulate } from "./contraction-registers.ts";
import { defaultSchedule } from "./contraction-schedule.ts";
import { epilogueFunction, isExact, storeTile } from "./contraction-store.ts";
import { tileOf, type Tile, type TileAxis } from "./contraction-tile.ts";
import { storageType } from "./scalars.ts";
import { shaderOf } from "./text.ts";

/** Invocations of a workgroup whose invocations share nothing. */
const alone = 64;

/** A contraction as WGSL. */
export function renderContraction(kernel: ContractionKernel, options: RenderOptions): Shader {
  const schedule = options.schedule ?? defaultSchedule(kernel, options);
  const tile = tileOf(kernel, schedule, options);
  const { outer, buffers, numbers } = kernel;
  const { own, shared, lanes } = tile;
  const side = lanes === 1 ? alone : lanes;
  const count = [...outer.map(({ size }) => size), shared.count, own.count].reduce((x, y) => x * y, 1);
  const groups = Math.ceil(count / side);
  const deep = Math.ceil(groups / options.limits.workgroups);
  const wide = Math.ceil(groups / deep);
  const fours = (is: boolean, buffer: number): string | undefined =>
    is ? `vec4<${storageType(buffers[buffer]!)}>` : undefined;
  const elements = buffers.map((_, i) => {
    if (i === buffers.length - 1) return fours(tile.storesFours, i);
    const operand = [own.operand, shared.operand].find(({ buffer }) => buffer === i);
    return operand === undefined ? undefined : fours(widthOf(operand) === 4, i);
  });
  return shaderOf({
    title: showKernel(kernel),
    buffers,
    elements,
    stored: new Set([buffers.length - 1]),
    words: numbers.length + (options.offsets ? buffers.length : 0),
    enables: lanes === 1 ? [] : ["enable subgroups;", "diagnostic(off, subgroup_uniformity);"],
    declarations: epilogueFunction(kernel, options.offsets),
    size: [side, 1, 1],
    builtins: ["workgroup_id", lanes === 1 ? "local_invocation_index" : "subgroup_invocation_id"],
    body: [...placeLines(tile, groups, wide, wide * deep), ...accumulate(tile), ...storeTile(tile)],
    workgroups: [wide, deep, 1],
  });
}

/** Which tile the invocation has. */
function placeLines(tile: Tile, groups: number, wide: number, launched: number): string[] {
  const { kernel, own, shared, lanes } = tile;
  const group = groups <= wide ? "workgroup_id.x" : `(workgroup_id.y * ${wide}u + workgroup_id.x)`;
  const sizes = [...kernel.outer.map(({ size }) => size), shared.count, own.count / lanes];
  const count = sizes.reduce((x, y) => x * y, 1);
  const lines =
    lanes === 1
      ? [`let tile = i32(${group} * ${alone}u + local_invocation_index);`]
      : [`let tile = i32(${group});`, "let lane = i32(subgroup_invocation_id);"];
  if (count < launched * (lanes === 1 ? alone : 1)) lines.push(`if (tile >= ${count}) { return; }`);
  let step = count;
  const indices = sizes.map((size) => {
    const [whole, part] = [step, (step /= size)];
    if (size === 1) return "0";
    const quotient = part === 1 ? "tile" : `tile / ${part}`;
    return whole === count ? quotient : `(${quotient}) % ${size}`;
  });
  kernel.outer.forEach((_, axis) => lines.push(`let i${axis} = ${indices[axis]};`));
  const [sharedAt, ownAt] = indices.slice(-2) as [string, string];
  lines.push(...firstLines(shared, sharedAt));
  const mine = lanes === 1 ? ownAt : sumText([[`(${ownAt})`, lanes]]);
  lines.push(...firstLines(own, lanes === 1 ? mine : `${mine} + lane`));
  return lines;
}

/** The first row of a tile, and how many of its rows the tile before stores. */
function firstLines(tileAxis: TileAxis, number: string): string[] {
  const { axis, operand, size } = tileAxis;
  if (isExact(tileAxis)) return [`let ${axis}0 = ${size} * (${number});`];
  return [
    `let begin_${axis} = ${size} * (${number});`,
    `let ${axis}0 = min(begin_${axis}, ${operand.size - size});`,
    `let skip_${axis} = begin_${axis} - ${axis}0;`,
  ];
}
