import { describe, expect, test } from "vitest";
import { axisIndex, scaled } from "../affine.ts";
import type { LoopKernel } from "../ir.ts";
import { input, out, scratch, type Lowered, type Operand, type Step } from "../lowered.ts";
import { runSteps } from "./lowered-steps.ts";
import { PlanBuilder } from "./plan-builder.ts";

const i = axisIndex(0, 1);

/** Copies four elements, from element `from` on, into the last operand at element `to`. */
function copy(operands: readonly Operand[], from: number, to = 0): Step {
  const kernel: LoopKernel = {
    kind: "loop",
    name: "copy",
    space: [4],
    reduced: [],
    accumulators: [],
    stores: [
      { buffer: 1, at: scaled(i, 1, to), expr: { kind: "load", dtype: "f32", buffer: 0, at: scaled(i, 1, from) } },
    ],
    buffers: ["f32", "f32"],
    numbers: [],
  };
  return { kernel, operands };
}
const panel = { elements: 8, dtype: "f32" } as const;

/** The commands, as buffers read and written, when each of these is stored one after the other from the same inputs. */
function run(...lowered: readonly Lowered[]): (readonly number[])[] {
  const plan = new PlanBuilder({ columns: 8, panels: true });
  const ins = [plan.buffer(8, "f32"), plan.buffer(8, "f32")];
  for (const each of lowered) runSteps(plan, each, { ins, companions: [], out: plan.buffer(4, "f32"), numbers: [] });
  return plan.commands.map((command) => (command.kind === "kernel" ? command.buffers : []));
}

const use = copy([scratch(0), out], 0);
const packed = (...packs: readonly Step[]): Lowered => ({ steps: [...packs, use], scratch: [panel] });

describe("a copy of an input, such as the panels of a filter", () => {
  const first = copy([input(0), scratch(0)], 0);

  test("is made once for all who ask for the same", () => {
    const both = packed(first, copy([input(0), scratch(0)], 4, 4));
    expect(run(both, both)).toEqual([[0, 3], [0, 3], [3, 2], [3, 4]]); // prettier-ignore
  });

  test("is not taken for another that begins like it", () => {
    const [one, other] = [4, 2].map((from) => packed(first, copy([input(0), scratch(0)], from, 4))) as [
      Lowered,
      Lowered,
    ];
    expect(run(one, other)).toHaveLength(6);
    expect(run(packed(first), one)).toHaveLength(5);
  });

  test("nor for that of another input, or of other elements", () => {
    expect(run(packed(first), packed(copy([input(1), scratch(0)], 0)))).toHaveLength(4);
    expect(run(packed(first), packed(copy([input(0), scratch(0)], 1)))).toHaveLength(4);
  });

  test("is made anew where it is only part of what is needed at once", () => {
    const part = packed({ ...first, offsets: [0, 0] });
    expect(run(part, part)).toHaveLength(4);
  });
});

test("what is computed of what was computed belongs to its steps alone", () => {
  const lowered: Lowered = {
    steps: [copy([input(0), scratch(0)], 0), copy([scratch(0), scratch(1)], 0), copy([scratch(1), out], 0)],
    scratch: [panel, panel],
  };
  expect(run(lowered, lowered)).toEqual([[0, 3], [3, 4], [4, 2], [3, 6], [6, 5]]); // prettier-ignore
});
