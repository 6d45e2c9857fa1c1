import type { ContractionKernel } from "@steelyard/compiler";
import { invariant } from "@steelyard/core";
import { Locals, moduleBytes, types, type FunctionSpec } from "../assembler/assembler.ts";
import type { KernelModule } from "../kernel-module.ts";
import { epilogueOf, finishFunction } from "./epilogue.ts";
import type { Family } from "./families.ts";
import { usualLimits, type Limits } from "./limits.ts";
import { operandAt, operandsOf } from "./operand.ts";
import { product } from "./reduction.ts";
import { sweepCode } from "./sweep.ts";
import { tileFunction } from "./tile.ts";
import { tilingOf } from "./tiling.ts";

/**
 * A contraction as machine code. `run` holds the loops of a chunk; each height, width and role of a register tile is a
 * function of its own, so that an engine that optimises a function once it is hot does so during the first run.
 *
 * C must not share memory with what the kernel reads: sums pass through it.
 */
export function emitContraction(kernel: ContractionKernel, family: Family, limits: Limits = usualLimits): KernelModule {
  const { outer, m, n, k, schedule } = kernel;
  invariant(schedule.columns > 0 && schedule.columns % 4 === 0, `a panel of ${schedule.columns} columns`);
  invariant(schedule.b === "panels" || n.b === 1, "B is read in rows, and lies otherwise");
  const tiling = tilingOf(kernel, family, limits);
  const epilogue = epilogueOf(kernel);
  const functions: FunctionSpec[] = [];
  // `run` is function 0.
  const once = memo((make: () => FunctionSpec): number => functions.push(make()));
  const shared = { family, a: m.a, c: m.c, epilogue, blocked: tiling.blocks > 1 };
  const locals = new Locals([types.i32, types.i32]);
  const body = sweepCode(
    {
      tiling,
      outer: outer.map(({ size }) => size),
      operands: [...operandsOf(kernel), ...epilogue.places.map(operandAt)],
      panelOfB: 4 * tiling.columns * (schedule.b === "panels" ? product(k.map(({ size }) => size)) : 1),
      tile: (region, rows, role) => {
        return once(`${rows} × ${region.columns} ${role}`, () => tileFunction({ ...shared, region, rows, role }));
      },
      finish: ({ columns }) => {
        if (epilogue.kind !== "memory") return null;
        return once(`finish ${columns}`, () => finishFunction(epilogue, columns));
      },
    },
    locals,
  );
  const run = { name: "run", parameters: [types.i32, types.i32], results: [], locals, body };
  return { bytes: moduleBytes([run, ...functions]), chunks: tiling.chunks };
}

/** The function with its results remembered by a key. */
function memo<A, R>(make: (argument: A) => R): (key: string, argument: A) => R {
  const known = new Map<string, R>();
  return (key, argument) => {
    const result = known.get(key) ?? make(argument);
    known.set(key, result);
    return result;
  };
}
