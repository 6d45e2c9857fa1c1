import { hostArray, isFloat, type DType } from "../dtype.ts";
import type { Primitive, Sample, SampleInput } from "../primitive.ts";
import { SteelyardError } from "../errors.ts";
import { sizeOf, type Shape } from "../shape.ts";
import { tensor, type Tensor } from "../tensor.ts";
import { threefryFill } from "../threefry.ts";

/** Random numbers from a seed: the same seed draws the same tensors on every machine. */
export type Draw = (length: number) => Float64Array;

/** Each call gives further numbers in [0, 1). */
export function drawing(seed: number): Draw {
  let call = 0;
  return (length) => {
    const words = new Uint32Array(length);
    threefryFill([seed, call++], words);
    return Float64Array.from(words, (word) => word / 2 ** 32);
  };
}

/** How an input is drawn: inside its domain, or whole numbers −`wholeUpTo` … `wholeUpTo` where sums are to be exact. */
export interface DrawOptions {
  readonly wholeUpTo?: number;
}

/** A tensor for a sample's input. Integers are whole numbers of the domain, and given values are taken as they are. */
export function drawInput(input: SampleInput, draw: Draw, { wholeUpTo }: DrawOptions = {}): Tensor {
  const { shape, dtype = "f32", values } = input;
  const [low, high] = domainOf(input, wholeUpTo);
  const whole = wholeUpTo !== undefined || !isFloat(dtype);
  const drawn = (): Float64Array =>
    draw(sizeOf(shape)).map((u) =>
      whole ? Math.ceil(low) + Math.floor(u * (Math.floor(high) - Math.ceil(low) + 1)) : low + u * (high - low),
    );
  return tensor(hostArray(dtype, values ?? drawn()), { shape, dtype });
}

/** A direction or cotangent: numbers in −1 … 1, or whole ones. */
export function drawLike(
  { shape, dtype }: { readonly shape: Shape; readonly dtype: DType },
  draw: Draw,
  options: DrawOptions = {},
): Tensor {
  return drawInput({ shape, dtype, domain: [-1, 1] }, draw, options);
}

function domainOf({ dtype = "f32", domain = [-2, 2] }: SampleInput, wholeUpTo?: number): readonly [number, number] {
  if (dtype === "bool") return [0, 1];
  if (dtype === "u32") return [Math.max(0, domain[0]), Math.max(0, domain[1])];
  return isFloat(dtype) && wholeUpTo !== undefined ? [-wholeUpTo, wholeUpTo] : domain;
}

/** The sample with axes of size zero, in every way that the primitive's shape rule allows. */
export function emptied(primitive: Primitive, sample: Sample): Sample[] {
  const { ins, attrs } = sample;
  const ranks = Math.max(0, ...ins.map(({ shape }) => shape.length));
  const axes = Array.from({ length: ranks }, (_, axis) => axis);
  const sizes = [...new Set(ins.flatMap(({ shape }) => shape))];
  const emptyWhere = (at: (input: number, axis: number, size: number) => boolean): SampleInput[] =>
    ins.map((input, i) => emptyAxes(input, (axis, size) => at(i, axis, size)));
  const candidates = [
    ...ins.flatMap((_, i) => axes.map((axis) => emptyWhere((input, a) => input === i && a === axis))),
    ...axes.map((axis) => emptyWhere((_, a) => a === axis)),
    ...sizes.map((size) => emptyWhere((_, __, s) => s === size)),
  ];
  const unlike = new Map(candidates.map((each) => [JSON.stringify(each.map(({ shape }) => shape)), each]));
  unlike.delete(JSON.stringify(ins.map(({ shape }) => shape)));
  return [...unlike.values()]
    .filter((each) => allows(primitive, { ins: each, attrs }))
    .map((each) => ({ ins: each, attrs }));
}

function emptyAxes(input: SampleInput, at: (axis: number, size: number) => boolean): SampleInput {
  const shape = input.shape.map((size, axis) => (at(axis, size) ? 0 : size));
  return shape.includes(0) && input.values !== undefined ? { ...input, shape, values: [] } : { ...input, shape };
}

function allows(primitive: Primitive, { ins, attrs }: Sample): boolean {
  try {
    primitive.infer(
      ins.map(({ shape, dtype = "f32" }) => ({ shape, dtype })),
      attrs,
    );
    return true;
  } catch (error) {
    // A refusal is an answer; anything else is a fault of the shape rule.
    if (error instanceof SteelyardError) return false;
    throw error;
  }
}
