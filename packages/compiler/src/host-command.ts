import {
  f32Algebra,
  invariant,
  roundToHalf,
  sizeOf,
  solvedValues,
  type HostArray,
  type HostFunction,
} from "@steelyard/core";
import type { Command } from "./plan.ts";

/** A command that no kernel does. */
export type HostCommand = Exclude<Command, { kind: "kernel" }>;

/**
 * The result of a host command, given the values of its inputs: of an operation without a kernel by the primitive's own
 * forward, as the interpreter would compute it; of a host solve by the function it is bound to, `bound`.
 *
 * @throws ShapeError when a solve gives other numbers of results than it promised
 */
export async function runHostCommand(
  command: HostCommand,
  inputs: readonly HostArray[],
  bound: HostFunction | number | null,
): Promise<ArrayLike<number>> {
  const { primitive, attrs, dtype, shape } = command.instruction;
  if (command.kind === "solve") {
    invariant(bound !== null, "a host solve is bound to a function");
    if (typeof bound === "number") return new Float64Array(sizeOf(shape)).fill(bound);
    return solvedValues(attrs, await bound(...inputs.map((input) => Float64Array.from(input))));
  }
  const out = f32Algebra.allocate(dtype, sizeOf(shape));
  const ins = command.inSpecs.map((spec, i) => {
    const buffer = f32Algebra.allocate(spec.dtype, inputs[i]!.length);
    buffer.planes[0]!.set(inputs[i]!);
    return buffer;
  });
  primitive!.forward({ algebra: f32Algebra, ins, out, inSpecs: command.inSpecs, outSpec: command.instruction, attrs });
  const values = out.planes[0]!;
  // f16 is storage: computed in f32, rounded when stored.
  return dtype === "f16" ? Float32Array.from(values, roundToHalf) : values;
}
