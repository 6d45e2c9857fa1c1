import type { Binding, Device, Storage } from "../device.ts";
import { hostArray, isFloat, roundToHalf, type DType, type HostArray } from "../dtype.ts";
import { invariant } from "../errors.ts";
import { inputsFirst, type Node } from "../graph.ts";
import { interpret } from "../interpreter/interpret.ts";
import { f32Algebra } from "../interpreter/real.ts";
import { runningErrorAlgebra } from "../interpreter/running-error.ts";
import type { ScalarRow } from "../primitives/scalar-table.ts";
import { linearise } from "../program.ts";
import { sameShape, showSpec } from "../shape.ts";
import { Tensor } from "../tensor.ts";

// What a device makes of a graph, and what it may make of it.

/** One thing that must hold on every device; `check` throws an Error that says where it does not. */
export interface DeviceLaw {
  readonly title: string;
  readonly check: (device: Device) => Promise<void>;
}

const single = runningErrorAlgebra(2 ** -24);
const double = runningErrorAlgebra(2 ** -53);
// Rounding errors that the algebra does not follow: what underflows in f32 is off by this little.
const tiny = 2 ** -120;

/**
 * The roots' values as the device computes them, through its interface alone: nothing is kept on any handle. The program
 * runs twice, the second time with all its inputs donated, and must give the same bits; each result must be storage of
 * its own, of its root's shape and dtype; and nothing may stay behind. Free memory is full of NaN beforehand.
 */
export async function evaluate(device: Device, roots: readonly Tensor[]): Promise<HostArray[]> {
  const before = new Set(device.storages());
  spoil(device);
  const { program, nodes } = linearise(roots.map(({ node }) => node));
  const executable = device.compile(program);
  const bindings = program.slots.map((i) => bindingOf(device, nodes[i]!));
  const inputs = bindings.filter((binding): binding is Storage => typeof binding === "object");
  const kept = await executable.run(bindings, new Set());
  const first = await taken(device, roots, kept, inputs);
  const again = await taken(device, roots, await executable.run(bindings, new Set(inputs)), inputs);
  first.forEach((values, root) => {
    const at = values.findIndex((value, i) => !Object.is(value, again[root]![i]));
    if (at < 0) return;
    const [one, other] = [values[at], again[root]![at]];
    throw new Error(`a second run gives ${other} instead of ${one} for element ${at} of ${showRoot(roots, root)}`);
  });
  const left = [...device.storages()].filter((storage) => !before.has(storage));
  if (left.length > 0)
    throw new Error(`a run leaves ${left.length} storages behind, such as that of ${left[0]!.owner}`);
  return first;
}

/** Leaves NaN in the device's free memory, so that what reads it shows. */
function spoil(device: Device): void {
  const sizes = [1, 16, 256, 4096, 65_536];
  const spoilt = sizes.map((size) => device.upload(new Float32Array(size).fill(NaN), [size], "f32", "nothing"));
  spoilt.forEach((storage) => device.free(storage));
}

function bindingOf(device: Device, { slot, shape, dtype, primitive }: Node): Binding {
  if (slot?.kind === "number") return slot.value;
  if (slot?.kind === "solve") return slot.solve;
  invariant(slot?.kind === "data", "a law is about graphs over data, numbers and host solves");
  return device.upload(slot.data, shape, dtype, primitive.name);
}

/** Reads the results and gives them back. */
async function taken(
  device: Device,
  roots: readonly Tensor[],
  results: readonly Storage[],
  inputs: readonly Storage[],
): Promise<HostArray[]> {
  if (results.length !== roots.length) throw new Error(`${roots.length} roots have ${results.length} results`);
  if (new Set([...results, ...inputs]).size !== results.length + inputs.length) {
    throw new Error("two results, or a result and an input, are one storage");
  }
  const values: HostArray[] = [];
  for (const [i, storage] of results.entries()) {
    const root = roots[i]!;
    const isRight = sameShape(storage.shape, root.shape) && storage.dtype === root.dtype && storage.references === 1;
    if (!isRight) {
      const got = `${showSpec(storage)} with ${storage.references} references`;
      throw new Error(`the result of ${showRoot(roots, i)} is storage of ${got}`);
    }
    values.push(await device.read(storage));
  }
  results.forEach((storage) => device.free(storage));
  return values;
}

/**
 * Holds what a device makes of the roots to the interpreter: integers bit for bit; floats bit for bit where nothing is
 * rounded (whole numbers, for instance), and elsewhere within the running error, in which any order of sums and any
 * fusion stays. A zero's sign is left open, as it depends on the order in which a sum meets its terms; what merely moves
 * numbers is held to it by another law.
 *
 * @returns the values, and the bounds they were held to
 */
export async function requireAgreement(
  device: Device,
  roots: readonly Tensor[],
): Promise<{ readonly values: readonly HostArray[]; readonly bounds: readonly number[] }> {
  const values = await evaluate(device, roots);
  const exact = nothingRounds(roots);
  const inF32 = interpret(f32Algebra, roots);
  const bounded = exact ? inF32 : interpret(isDouble(roots) ? double : single, roots);
  const bounds: number[] = [];
  values.forEach((got, r) => {
    const wanted = hostArray(roots[r]!.dtype, inF32[r]!.planes[0]!);
    const [center, errors] = isFloat(roots[r]!.dtype) ? bounded[r]!.planes : [wanted];
    if (got.length !== wanted.length) throw new Error(`${showRoot(roots, r)} has ${got.length} elements`);
    for (let i = 0; i < got.length; i++) {
      const bound = errors === undefined || exact ? 0 : errors[i]! + tiny;
      bounds.push(bound);
      if (got[i] === wanted[i] || Object.is(got[i], wanted[i])) continue;
      if (Math.abs(got[i]! - center![i]!) <= bound) continue;
      const needs = exact ? `${wanted[i]}` : `${center![i]} ± ${bound}`;
      throw new Error(`element ${i} of ${showRoot(roots, r)} is ${got[i]} instead of ${needs}`);
    }
  });
  return { values, bounds };
}

/** As `requireAgreement`, where f32 must not round: the caller has chosen the numbers so. */
export async function requireExactAgreement(device: Device, roots: readonly Tensor[]): Promise<readonly HostArray[]> {
  invariant(nothingRounds(roots), "the numbers of this law are whole and small");
  return (await requireAgreement(device, roots)).values;
}

/** Bit for bit as the interpreter, the sign of zero included. */
export async function requireSameBits(device: Device, roots: readonly Tensor[]): Promise<void> {
  const values = await evaluate(device, roots);
  const wanted = interpret(f32Algebra, roots);
  values.forEach((got, r) => {
    const expected = hostArray(roots[r]!.dtype, wanted[r]!.planes[0]!);
    const i = expected.findIndex((value, at) => !Object.is(value, got[at]));
    if (i < 0) return;
    throw new Error(`element ${i} of ${showRoot(roots, r)} is ${show(got[i]!)} instead of ${show(expected[i]!)}`);
  });
}

/** A number as it is, the sign of zero included. */
export function show(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function showRoot(roots: readonly Tensor[], i: number): string {
  const root = roots[i]!;
  return `root ${i} (${root.node.primitive.name} ${showSpec(root)})`;
}

/**
 * Whether no step towards the roots is rounded, whatever the order of sums, on a device that rounds each function once at
 * most: all values are numbers of their dtype, and where there are sums, whole ones (or sixteenths) whose absolute values
 * add up to so little that partial sums of products are exact as well.
 */
function nothingRounds(roots: readonly Tensor[]): boolean {
  const nodes = inputsFirst(roots.map(({ node }) => node));
  if (nodes.some(({ primitive }) => unitsOf(primitive) > 1)) return false;
  const floats = nodes.filter(({ dtype }) => isFloat(dtype)).map((node) => new Tensor(node));
  const buffers = interpret(single, floats);
  const every = (plane: number, holds: (value: number, dtype: DType) => boolean): boolean =>
    buffers.every(({ planes, dtype }) => planes[plane]!.every((value) => holds(value, dtype)));
  if (!every(0, (value, dtype) => Object.is(dtype === "f16" ? roundToHalf(value) : Math.fround(value), value)))
    return false;
  if (every(2, (mass) => mass === 0)) return true;
  const grid = every(0, Number.isInteger) ? 1 : 1 / 16;
  return every(0, (value) => Number.isInteger(value / grid)) && every(2, (mass) => mass < 2 ** 24 * grid ** 2);
}

function unitsOf(primitive: object): number {
  return "row" in primitive ? (primitive.row as ScalarRow).units : 0;
}

/** Whether all floats behind the roots are f64. */
function isDouble(roots: readonly Tensor[]): boolean {
  const floats = inputsFirst(roots.map(({ node }) => node)).filter(({ dtype }) => isFloat(dtype));
  return floats.every(({ dtype }) => dtype === "f64");
}

/** Names the law and the case in what it throws. */
export async function during<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}
