import { hostArray, isFloat, type DType, type HostArray } from "./dtype.ts";
import { shapeError, valueError } from "./errors.ts";
import { Node, type Slot } from "./graph.ts";
import type { Methods } from "./methods.ts";
import type { Attrs, Primitive } from "./primitive.ts";
import { constantPrimitive, fillPrimitive } from "./primitives/sources.ts";
import { dispose, readData } from "./realise.ts";
import { sameShape, showShape, showSpec, sizeOf, type Shape } from "./shape.ts";
import { Variable } from "./variable.ts";

/** A number, or rows of rows of numbers of one length each. */
export type NestedNumbers = number | readonly NestedNumbers[];
/**
 * What operations accept: a tensor, a Variable (its committed value), or a number (it takes the other side's dtype).
 */
export type TensorLike = Tensor | Variable | number;

/**
 * An immutable handle on a node of the lazy graph. Making one computes nothing; reading one (`data`, `array`, `item`)
 * computes what it needs, together with everything else asked for in the same microtask.
 *
 * Every operation that takes a tensor first is also a method: `x.matmul(w).relu()`.
 */
// The methods are attached in methods.ts from the table of operations.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export class Tensor {
  readonly node: Node;

  constructor(node: Node) {
    this.node = node;
  }

  /**
   * Sizes of the axes, outermost first; `[]` for a scalar. Known before anything is computed, as are the next three.
   */
  get shape(): Shape {
    return this.node.shape;
  }

  /** The element type. */
  get dtype(): DType {
    return this.node.dtype;
  }

  /** The number of axes. */
  get rank(): number {
    return this.node.shape.length;
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.node.shape);
  }

  /**
   * The values in row-major order, as an unshared copy of the dtype's host array.
   * The first read computes; later reads copy what the handle kept.
   *
   * @throws StaleVariable when a commit has replaced a value that the graph reads
   * @throws DisposedTensor when the value, or one that it is computed from, was given up
   */
  async data(): Promise<HostArray> {
    return (await readData(this.node)).slice();
  }

  /** The values as nested arrays, one level for each axis; a scalar gives a number. @throws as `data` */
  async array(): Promise<NestedNumbers> {
    return nest(await readData(this.node), this.shape, 0, 0);
  }

  /** The only value of a tensor of size 1. @throws ShapeError when there are more or none, and as `data` */
  async item(): Promise<number> {
    if (this.size !== 1) throw shapeError("item", "a tensor of size 1", showShape(this.shape), "use data() or array()");
    return (await readData(this.node))[0]!;
  }

  /** Gives up the stored value now instead of when the collector finds the handle. Reading afterwards is an error. */
  dispose(): void {
    dispose(this.node);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  toString(): string {
    return `Tensor(${showSpec(this)} from ${this.node.primitive.name})`;
  }
}

// oxlint-disable-next-line typescript/no-empty-object-type, typescript/no-unsafe-declaration-merging
export interface Tensor extends Methods {}

/**
 * A new node: checks shapes now, computes nothing. The one way operations come into being.
 *
 * @throws what the primitive's `infer` throws, and ValueError for a size that is negative or not whole
 */
export function apply<A extends Attrs>(
  primitive: Primitive<A>,
  ins: readonly Tensor[],
  attrs: A,
  slot: Slot | null = null,
): Tensor {
  const nodes = ins.map((x) => x.node);
  const spec = primitive.infer(nodes, attrs);
  if (spec.shape.some((size) => !Number.isInteger(size) || size < 0)) {
    throw valueError(primitive.name, "sizes that are whole and not negative", showShape(spec.shape));
  }
  return new Tensor(new Node(primitive, nodes, attrs, spec, slot));
}

/**
 * A tensor from numbers: nested arrays, or a flat host array with a shape. The numbers are copied, and stored as the
 * dtype's host array stores them: an i32 drops the fraction. The dtype is f32 when left out, whatever the array's type.
 *
 * @example tensor([[1, 2], [3, 4]]).shape // [2, 2]
 * @throws ShapeError when rows differ in length or the shape does not hold the data
 */
export function tensor(values: NestedNumbers | HostArray, options: { shape?: Shape; dtype?: DType } = {}): Tensor {
  const dtype = options.dtype ?? "f32";
  const flat = ArrayBuffer.isView(values) ? values : flatten(values);
  const natural = ArrayBuffer.isView(values) ? [values.length] : measure(values);
  const shape = options.shape ?? natural;
  if (sizeOf(shape) !== flat.length) {
    throw shapeError("tensor", `${sizeOf(shape)} values for shape ${showShape(shape)}`, `${flat.length}`);
  }
  // Copied, so that what the caller does to the array later is not seen here.
  const data = hostArray(dtype, flat);
  return apply(constantPrimitive, [], { shape, dtype }, { kind: "data", data });
}

/**
 * Every element the same number. The number is a runtime slot: another one finds the same plan.
 *
 * @throws ValueError when the dtype is not float and does not hold the number: 0.5 is no i32, and −1 no u32
 */
export function full(shape: Shape, value: number, dtype: DType = "f32"): Tensor {
  if (!isFloat(dtype) && hostArray(dtype, [value])[0] !== value) {
    const hint = "nothing is converted silently: cast first";
    throw valueError("full", `a number that ${dtype} holds`, String(value), hint);
  }
  return apply(fillPrimitive, [], { shape, dtype }, { kind: "number", value });
}

/** The tensor behind whatever an operation was given. Numbers become scalars of dtype `like`. */
export function toTensor(x: TensorLike, like: DType = "f32"): Tensor {
  if (typeof x === "number") return full([], x, like);
  return x instanceof Variable ? x.value : x;
}

/** Operands of one dtype, a number taking the dtype of the first operand that is not one. */
export function toTensors(xs: readonly TensorLike[]): Tensor[] {
  const first = xs.find((x) => typeof x !== "number");
  const like = first === undefined ? "f32" : toTensor(first).dtype;
  return xs.map((x) => toTensor(x, like));
}

function flatten(values: NestedNumbers): number[] {
  if (typeof values === "number") return [values];
  const flat: number[] = [];
  const visit = (inner: NestedNumbers): void => {
    if (typeof inner === "number") flat.push(inner);
    else inner.forEach(visit);
  };
  visit(values);
  return flat;
}

function measure(values: NestedNumbers): number[] {
  if (typeof values === "number") return [];
  const inner = values.map(measure);
  const first = inner[0] ?? [];
  const odd = inner.findIndex((shape) => !sameShape(shape, first));
  if (odd >= 0) {
    throw shapeError("tensor", `rows of one shape ${showShape(first)}`, `${showShape(inner[odd]!)} at index ${odd}`);
  }
  return [values.length, ...first];
}

function nest(data: HostArray, shape: Shape, axis: number, offset: number): NestedNumbers {
  if (axis === shape.length) return data[offset]!;
  const stride = sizeOf(shape.slice(axis + 1));
  return Array.from({ length: shape[axis]! }, (_, i) => nest(data, shape, axis + 1, offset + i * stride));
}
