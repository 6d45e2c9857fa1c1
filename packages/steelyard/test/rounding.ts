import { gradients, invariant, sum, Tensor, tensor, type Device, type HostArray } from "@steelyard/core";
import type { Algebra, Buffer } from "../../core/src/interpreter/algebra.ts";
import { execute, type Bound } from "../../core/src/interpreter/execute.ts";
import { bufferFrom } from "../../core/src/interpreter/interpreter.ts";
import { runningErrorAlgebra } from "../../core/src/interpreter/running-error.ts";
import { linearise } from "../../core/src/program.ts";
import { runPlan, storageAtHand } from "../../core/src/run-plan.ts";

// How far rounding can move what a training step computes.
//
// The running error of core is an interval for every number. It is right, but through a network it grows with the sum of the
// sizes of a layer's weights, layer after layer, forwards and backwards, until it says nothing. So only what one operation
// adds is taken from it, ε: the error of its result if its operands were exact. What ε does to the number φ that the step is
// asked for is its derivative, which the reverse sweep gives for all operations at once:
//
//   |φ̂ − φ| ≤ Σ |∂φ/∂z| · ε(z), over all numbers z on the way to φ, but for products of two errors.
//
// It holds for every order of sums, every fusion, and every device that keeps the accuracies of core's tables.

/** The values of tensors on a device, in one plan. Nothing stays there, and the tensors stay uncomputed. */
export async function valuesOn(device: Device, tensors: readonly Tensor[]): Promise<HostArray[]> {
  const storages = await runPlan(
    tensors.map(({ node }) => node),
    device,
  );
  const values = await Promise.all(storages.map((storage) => device.read(storage)));
  storages.forEach((storage) => device.free(storage));
  return values;
}

/** The numbers that a step asks for, and what each operation on the way to them may add to its result. */
export interface Rounding {
  readonly results: readonly Tensor[];
  /** All that is computed in f32 on the way. */
  readonly steps: readonly Tensor[];
  /** ε for each number of each step. */
  readonly errors: readonly Float64Array[];
}

/** Goes through what is behind the results once, each operation on exact operands. */
export async function roundingOf(results: readonly Tensor[]): Promise<Rounding> {
  const { nodes } = linearise(results.map(({ node }) => node));
  const steps = nodes.filter(({ dtype }) => dtype === "f32").map((node) => new Tensor(node));
  const { algebra, isComputed } = localErrors();
  const buffers = await interpreted(algebra, steps);
  const none = new Float64Array();
  return {
    results,
    steps,
    errors: buffers.map((buffer) => (isComputed(buffer) ? Float64Array.from(buffer.planes[1]!) : none)),
  };
}

/** The values of tensors that may read Variables, under an algebra. */
async function interpreted(algebra: Algebra, tensors: readonly Tensor[]): Promise<readonly Buffer[]> {
  const { program, nodes } = linearise(tensors.map(({ node }) => node));
  const bindings = await Promise.all(
    program.slots.map(async (at): Promise<Bound> => {
      const { slot, dtype } = nodes[at]!;
      if (slot?.kind === "number") return slot.value;
      const stored = storageAtHand(nodes[at]!);
      if (stored !== null) return bufferFrom(algebra, dtype, await stored.device.read(stored));
      invariant(slot?.kind === "data", "a step is made of Variables, data and numbers");
      return bufferFrom(algebra, dtype, slot.data);
    }),
  );
  const { done, value } = execute(program, bindings, algebra).next();
  invariant(done === true, "a step without host solves");
  return value;
}

/**
 * The running error of f32 for operands that have none. What merely moves numbers copies their errors, which are not its own:
 * `isComputed` tells.
 */
function localErrors(): { readonly algebra: Algebra; readonly isComputed: (buffer: Buffer) => boolean } {
  const running = runningErrorAlgebra(2 ** -24);
  const computed = new Set<HostArray>();
  const zeros = new Map<number, Float64Array>();
  const none = (length: number): Float64Array => {
    const known = zeros.get(length) ?? new Float64Array(length);
    zeros.set(length, known);
    return known;
  };
  /** Without errors, and without the books of sums. */
  const exact = (x: Buffer): Buffer => {
    const { length, planes } = x;
    return planes.length === 1 ? x : { ...x, planes: [planes[0]!, none(length), none(length), none(length)] };
  };
  const note = ({ planes }: Buffer): void => void computed.add(planes[0]!);
  const algebra: Algebra = {
    ...running,
    fill(out, number) {
      running.fill(out, number);
      note(out);
    },
    map(row, ins, out) {
      running.map(row, ins.map(exact), out);
      note(out);
    },
    contract(c, a, b, block) {
      running.contract(c, exact(a), exact(b), block);
      note(c);
    },
    addRun(out, oo, os, x, xo, xs, count) {
      running.addRun(out, oo, os, exact(x), xo, xs, count);
      note(out);
    },
    mulRun(out, oo, os, x, xo, xs, count) {
      running.mulRun(out, oo, os, exact(x), xo, xs, count);
      note(out);
    },
  };
  return { algebra, isComputed: ({ planes }) => computed.has(planes[0]!) };
}

/** φ = Σ factor · result over all numbers of the results, and how far each of two devices may be from it. */
export interface Functional {
  /** φ of what a device has computed. */
  of(values: readonly HostArray[]): number;
  readonly bound: number;
}

/**
 * One number that depends on all whose factor is not 0. One plan serves all factors of a step's structure.
 *
 * @param device computes the derivatives, whose own errors are products of two errors
 */
export async function functional(
  { results, steps, errors }: Rounding,
  factors: readonly Float32Array[],
  device: Device,
): Promise<Functional> {
  const parts = results.map((x, i) => sum(x.mul(tensor(factors[i]!, { shape: x.shape }))));
  const phi = parts.reduce((total, part) => total.add(part));
  const slopes = await valuesOn(device, gradients(phi, steps));
  const bound = errors.reduce((total, of, i) => total + weighed(slopes[i]!, of), 0);
  return { bound, of: (values) => factors.reduce((total, each, i) => total + dot(each, values[i]!), 0) };
}

/** Σ |slope| · error. An error is infinite where nothing is known of it; what nobody depends on may be so. */
function weighed(slopes: HostArray, errors: Float64Array): number {
  return errors.reduce((total, error, i) => total + (slopes[i] === 0 ? 0 : Math.abs(slopes[i]!) * error), 0);
}

function dot(factors: Float32Array, values: HostArray): number {
  return factors.reduce((total, factor, i) => total + factor * values[i]!, 0);
}
