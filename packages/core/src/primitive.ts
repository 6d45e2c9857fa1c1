import type { Algebra, Buffer } from "./interpreter/algebra.ts";
import type { DType } from "./dtype.ts";
import type { Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

// What a primitive is. The types here are all that a primitive of your own has to fill in.

/** Plain data, one attribute. */
export type AttrValue = number | string | boolean | readonly AttrValue[];
/** What distinguishes two uses of one primitive, by name. Part of every plan key: never a runtime number in here. */
export type Attrs = Readonly<Record<string, AttrValue>>;

/** What is known of a tensor before it is computed. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What an interpreter forward is given. `out` is allocated and zeroed; the forward fills it and keeps nothing. */
export interface Forward<A extends Attrs = Attrs> {
  readonly algebra: Algebra;
  readonly ins: readonly Buffer[];
  readonly out: Buffer;
  readonly inSpecs: readonly Spec[];
  readonly outSpec: Spec;
  readonly attrs: A;
}

/** What a derivative rule is given: the primitive's own inputs and output, as tensors of the graph. */
export interface RuleContext<A extends Attrs = Attrs> {
  readonly ins: readonly Tensor[];
  readonly out: Tensor;
  readonly attrs: A;
}

/** An input of a sample: random values inside `domain` (integers for integer types), or exactly `values`. */
export interface SampleInput {
  readonly shape: Shape;
  readonly dtype?: DType;
  readonly domain?: readonly [number, number];
  readonly values?: readonly number[];
}

/** One legal use of the primitive, small enough to prove. The shared suites run every one of them. */
export interface Sample<A extends Attrs = Attrs> {
  readonly ins: readonly SampleInput[];
  readonly attrs: A;
}

/**
 * One operation, in one place: name, shape rule, interpreter forward, derivative rule, samples.
 * The registry is the list of these objects; devices and tests derive from it.
 */
export interface Primitive<A extends Attrs = Attrs> {
  readonly name: string;
  /** The output's shape and dtype; throws a ShapeError or DTypeError that a caller understands. */
  infer(ins: readonly Spec[], attrs: A): Spec;
  /** The definition, over any scalar algebra. */
  forward(args: Forward<A>): void;
  /**
   * The cotangents of the inputs, written in tensor operations, never in numbers; null where there is none (integers,
   * indices, constants).
   */
  vjp(dOut: Tensor, ctx: RuleContext<A>): readonly (Tensor | null)[];
  /**
   * Positions of the inputs in which the primitive is linear, one at a time: there its adjoint is tested bit for bit.
   */
  readonly linearIn?: readonly number[];
  readonly samples: readonly Sample<A>[];
}
