import { roundToHalf } from "../dtype.ts";
import { invariant } from "../errors.ts";
import type { HostFunction } from "../graph.ts";
import type { Spec } from "../primitive.ts";
import { solvedValues } from "../primitives/host-solve.ts";
import type { Instruction, Program } from "../program.ts";
import { sizeOf } from "../shape.ts";
import type { Algebra, Buffer } from "./algebra.ts";

/** What a slot is bound to inside the interpreter. */
export type Bound = Buffer | number | HostFunction;

/** A host solve met on the way: whoever drives the execution answers with its results. */
export interface Solve {
  readonly solve: HostFunction;
  readonly inputs: Float64Array[];
}

/** Told of each instruction when its value is there. */
export type Observe = (instruction: Instruction, index: number) => void;

/**
 * Runs a program one instruction after another under an algebra: the definition of what a program means.
 * A generator, because a host solve may take its time: it yields the solve and receives the answer.
 * Every value is freed after its last use and poisoned, so that a use after free cannot go unseen.
 */
export function* execute(
  program: Program,
  bindings: readonly Bound[],
  algebra: Algebra,
  observe: Observe = () => undefined,
): Generator<Solve, Buffer[], ArrayLike<number>[]> {
  const { instructions, slots, outputs } = program;
  const bound = new Map(slots.map((index, i) => [index, bindings[i]!]));
  const values: (Buffer | null)[] = new Array<Buffer | null>(instructions.length).fill(null);
  const dying = lastUses(program);
  for (let i = 0; i < instructions.length; i++) {
    const instruction = instructions[i]!;
    const binding = bound.get(i);
    if (typeof binding === "function") {
      const inputs = instruction.inputs.map((j) => Float64Array.from(values[j]!.planes[0]!));
      values[i] = joined(algebra, instruction, yield { solve: binding, inputs });
    } else
      values[i] = typeof binding === "object" ? binding : compute(algebra, instruction, instructions, values, binding);
    observe(instruction, i);
    for (const dead of dying[i]!) {
      // Inputs belong to the caller.
      if (instructions[dead]!.primitive !== null) poison(values[dead]!);
      values[dead] = null;
    }
  }
  return outputs.map((output, i) => {
    const value = values[output]!;
    // Every output is storage of its own: inputs are copied, and so is a value that is asked for twice.
    return instructions[output]!.primitive === null || outputs.indexOf(output) < i ? copyOf(algebra, value) : value;
  });
}

function compute(
  algebra: Algebra,
  instruction: Instruction,
  instructions: readonly Instruction[],
  values: readonly (Buffer | null)[],
  number: number | undefined,
): Buffer {
  const { primitive, attrs, dtype, shape } = instruction;
  invariant(primitive !== null, "an input was not bound");
  const out = algebra.allocate(dtype, sizeOf(shape));
  if (number !== undefined) algebra.fill(out, number);
  else {
    const ins = instruction.inputs.map((j) => values[j]!);
    const inSpecs: Spec[] = instruction.inputs.map((j) => instructions[j]!);
    primitive.forward({ algebra, ins, out, inSpecs, outSpec: instruction, attrs });
  }
  // f16 is storage: computed in f32, rounded when stored.
  if (dtype === "f16" && algebra.name === "f32") out.planes[0]!.forEach((v, i, plane) => (plane[i] = roundToHalf(v)));
  return out;
}

/** For each instruction, the values that nothing after it needs. */
function lastUses({ instructions, outputs }: Program): number[][] {
  const last = instructions.map((_, i) => i);
  instructions.forEach(({ inputs }, i) => inputs.forEach((j) => (last[j] = i)));
  for (const output of outputs) last[output] = instructions.length;
  const dying: number[][] = instructions.map(() => []);
  last.forEach((user, i) => dying[user]?.push(i));
  return dying;
}

function copyOf(algebra: Algebra, value: Buffer): Buffer {
  const copy = algebra.allocate(value.dtype, value.length);
  copy.planes.forEach((plane, p) => plane.set(value.planes[p]!));
  return copy;
}

/** Overwrites what must not be used again: NaN where there is one, a conspicuous number in integers. */
export function poison({ planes }: Buffer): void {
  for (const plane of planes)
    plane.fill(plane instanceof Float32Array || plane instanceof Float64Array ? NaN : 0x7ead_beef);
}

/** The results of a host solve, in a buffer of their own. */
function joined(algebra: Algebra, instruction: Instruction, parts: readonly ArrayLike<number>[]): Buffer {
  const out = algebra.allocate(instruction.dtype, sizeOf(instruction.shape));
  out.planes[0]!.set(solvedValues(instruction.attrs, parts));
  return out;
}
