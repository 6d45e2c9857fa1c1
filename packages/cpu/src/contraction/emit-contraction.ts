import type { ContractionKernel } from "@steelyard/compiler";
import { invariant } from "@steelyard/core";
import { Locals, moduleBytes, types, type FunctionSpec } from "../assembler/assembler.ts";
import type { KernelModule } from "../kernel-module.ts";
import { epilogueOf } from "./epilogue.ts";
import type { Family } from "./families.ts";
import { operandsOf } from "./operand.ts";
import { sweepCode } from "./sweep.ts";
import { tileFunction, type Role } from "./tile.ts";
import { product, tilingOf, type Region } from "./tiling.ts";

/**
 * A contraction as machine code. `run` holds the loops of a chunk; each height, width and role of a register tile is a
 * function of its own, so that an engine that optimises a function once it is hot does so during the first run.
 *
 * C must not share memory with what the kernel reads: sums pass through it.
 */
export function emitContraction(kernel: ContractionKernel, family: Family): KernelModule {
  const { outer, m, n, k, schedule, buffers } = kernel;
  invariant(schedule.columns > 0 && schedule.columns % 4 === 0, `a panel of ${schedule.columns} columns`);
  invariant(schedule.b === "panels" || n.b === 1, "B is read in rows, and lies otherwise");
  const tiling = tilingOf(kernel, family);
  const epilogue = epilogueOf(kernel);
  const [a, b, c] = operandsOf(kernel);
  const tiles = new Map<string, { index: number; spec: FunctionSpec }>();
  const tile = (region: Region, rows: number, role: Role): number => {
    const key = `${rows} × ${region.columns} ${role}`;
    const known = tiles.get(key);
    if (known !== undefined) return known.index;
    const shared = { family, region, rows, role, a: m.a, c: m.c, epilogue };
    const spec = tileFunction({ ...shared, numbers: 4 * buffers.length, blocked: tiling.blocks > 1 });
    tiles.set(key, { index: tiles.size + 1, spec });
    return tiles.size;
  };
  const locals = new Locals([types.i32, types.i32]);
  const body = sweepCode(
    {
      tiling,
      outer: outer.map(({ size }) => size),
      operands: [a, b, c, ...epilogue.operands],
      panelOfB: schedule.b === "panels" ? tiling.columns * product(k.map(({ size }) => size)) : tiling.columns,
      tile,
    },
    locals,
  );
  const run = { name: "run", parameters: [types.i32, types.i32], results: [], locals, body };
  return { bytes: moduleBytes([run, ...[...tiles.values()].map(({ spec }) => spec)]), chunks: tiling.chunks };
}
