import { invariant, stridesOf, type DType } from "@steelyard/core";
import { constantIndex, placeOf, rangeOf, scaled, showAffine, type Affine } from "../affine.ts";
import type { Value } from "./graph.ts";
import type { Expr, Guard } from "../ir.ts";
import type { View } from "../view.ts";
import { randomBits } from "./random-bits.ts";
import { indicesBehind, isDense, viewOf } from "./views.ts";

/** A stored value: the plan's buffer it is in, and where in it. */
export interface Location {
  readonly buffer: number;
  readonly view: View;
}

/** What a kernel reads, in the order of its own lists. */
export class Operands {
  /** The plan's buffers. */
  readonly buffers: number[] = [];
  readonly bufferTypes: DType[] = [];
  /** The program's slots that numbers come from. */
  readonly numbers: number[] = [];
  readonly numberTypes: DType[] = [];

  buffer(buffer: number, dtype: DType): number {
    const known = this.buffers.indexOf(buffer);
    if (known >= 0) return known;
    this.bufferTypes.push(dtype);
    return this.buffers.push(buffer) - 1;
  }

  number(slot: number, dtype: DType): number {
    const known = this.numbers.indexOf(slot);
    if (known >= 0) return known;
    this.numberTypes.push(dtype);
    return this.numbers.push(slot) - 1;
  }
}

/**
 * Builds expressions over one space: follows a value back to what is stored, turning views into indices on the way.
 * Asked for the same thing twice, it gives the same object.
 */
export class ExpressionBuilder {
  /** Sizes of the axes that the indices are over. */
  readonly space: readonly number[];
  readonly operands: Operands;
  readonly #locate: (value: Value) => Location | null;
  readonly #accumulated: ReadonlyMap<Value, number>;
  readonly #known = new Map<string, Expr>();

  constructor(
    space: readonly number[],
    operands: Operands,
    locate: (value: Value) => Location | null,
    accumulated: ReadonlyMap<Value, number> = new Map(),
  ) {
    this.space = space;
    this.operands = operands;
    this.#locate = locate;
    this.#accumulated = accumulated;
  }

  /** The value's element at the indices: loaded if it is stored, computed otherwise. */
  read(value: Value, indices: readonly Affine[]): Expr {
    let [at, places] = [value, indices];
    // A loop: there may be thousands of views, one behind the other.
    while (at.kind === "view" && this.#locate(at) === null) {
      const behind = indicesBehind(at, places, this.space.length);
      if (behind === null) return this.#inOrder(at, places);
      [at, places] = [at.inputs[0]!, behind];
    }
    const position = this.#accumulated.get(at);
    const { dtype } = at.instruction;
    if (position !== undefined) return this.#once(`a${position}`, () => ({ kind: "accumulator", dtype, position }));
    const location = this.#locate(at);
    if (location === null) return this.compute(at, places);
    const { buffer, view } = location;
    return this.load(buffer, dtype, placeOf(places, view.steps, view.start, this.space.length));
  }

  load(buffer: number, dtype: DType, at: Affine): Expr {
    const own = this.operands.buffer(buffer, dtype);
    return this.#once(`b${own}[${showAffine(at)}]`, () => ({ kind: "load", dtype, buffer: own, at }));
  }

  /** The value's element from its inputs, whether it is stored or not. */
  compute(value: Value, indices: readonly Affine[]): Expr {
    return this.#once(`${value.index} ${indices.map(showAffine).join()}`, () => this.#expression(value, indices));
  }

  #expression(value: Value, indices: readonly Affine[]): Expr {
    const { instruction, inputs } = value;
    const { dtype, attrs } = instruction;
    const { name } = instruction.primitive!;
    const all = (): Expr[] => inputs.map((input) => this.read(input, indices));
    if (value.kind === "number") return this.#number(value);
    if (value.kind === "view") return this.#behind(value, indices);
    switch (name) {
      case "where": {
        const [condition, yes, no] = all();
        return { kind: "where", dtype, condition: condition!, yes: yes!, no: no! };
      }
      case "cast":
        return { kind: "cast", dtype, value: all()[0]! };
      case "iota":
        return { kind: "index", dtype, index: indices[attrs["axis"] as number]! };
      case "pad":
        return this.#padded(value, indices);
      case "concat":
        return this.#concatenated(value, indices);
      case "gather":
        return this.#lookup(value, indices);
      case "randomBits": {
        const rank = this.space.length;
        const word = (i: number): Expr => this.read(inputs[0]!, [constantIndex(i, rank)]);
        return randomBits([word(0), word(1)], instruction.shape, indices, rank);
      }
      default:
        invariant("row" in instruction.primitive!, `${name} is no expression`);
        return { kind: "call", dtype, name, args: all() };
    }
  }

  #number(value: Value): Expr {
    const { dtype } = value.instruction;
    const position = this.operands.number(value.slot, dtype);
    return this.#once(`n${position}`, () => ({ kind: "number", dtype, position }));
  }

  #behind(view: Value, indices: readonly Affine[]): Expr {
    const behind = indicesBehind(view, indices, this.space.length);
    return behind === null ? this.#inOrder(view, indices) : this.read(view.inputs[0]!, behind);
  }

  // A reshape that merges axes counts elements in order.
  #inOrder({ instruction, inputs }: Value, indices: readonly Affine[]): Expr {
    const location = this.#locate(inputs[0]!);
    invariant(location !== null && isDense(location.view), "a merging reshape reads what lies in order");
    const { dtype, shape } = instruction;
    return this.load(location.buffer, dtype, placeOf(indices, stridesOf(shape), 0, this.space.length));
  }

  // The padding wraps the whole expression of what is padded.
  #padded({ instruction, inputs }: Value, indices: readonly Affine[]): Expr {
    const { dtype, attrs } = instruction;
    const low = attrs["low"] as readonly number[];
    const inside = indices.map((index, axis) => scaled(index, 1, -low[axis]!));
    const guards = inside.map((index, axis) => ({ index, size: inputs[0]!.instruction.shape[axis]! }));
    return this.guarded(guards, () => this.read(inputs[0]!, inside), { kind: "constant", dtype, value: 0 });
  }

  /** `value` where the guards hold; guards that always hold are left out. */
  guarded(guards: readonly Guard[], value: () => Expr, otherwise: Expr): Expr {
    const left = guards.filter(({ index, size }) => {
      const [low, high] = rangeOf(index, this.space);
      return low < 0 || high >= size;
    });
    const never = left.some(({ index, size }) => {
      const [low, high] = rangeOf(index, this.space);
      return high < 0 || low >= size;
    });
    if (never) return otherwise;
    const inner = value();
    return left.length === 0 ? inner : { kind: "guarded", dtype: inner.dtype, guards: left, value: inner, otherwise };
  }

  #concatenated({ instruction, inputs }: Value, indices: readonly Affine[]): Expr {
    const axis = instruction.attrs["axis"] as number;
    let start = instruction.shape[axis]!;
    // From the last part to the first: each is what the guard before it leaves.
    return inputs.toReversed().reduce<Expr>(
      (otherwise, part) => {
        const size = part.instruction.shape[axis]!;
        start -= size;
        const index = scaled(indices[axis]!, 1, -start);
        return this.guarded([{ index, size }], () => this.read(part, indices.with(axis, index)), otherwise);
      },
      { kind: "constant", dtype: instruction.dtype, value: 0 },
    );
  }

  #lookup({ instruction, inputs }: Value, indices: readonly Affine[]): Expr {
    const [table, places] = inputs as [Value, Value];
    const { dtype, attrs } = instruction;
    const axis = attrs["axis"] as number;
    const rank = this.space.length;
    const placeRank = places.instruction.shape.length;
    const found = viewOf(table, (stored) => this.#locate(stored)?.view ?? null);
    invariant(found !== null, "what is gathered from is stored");
    const { base, view } = found;
    const others = [...indices.slice(0, axis), constantIndex(0, rank), ...indices.slice(axis + placeRank)];
    return {
      kind: "lookup",
      dtype,
      buffer: this.operands.buffer(this.#locate(base)!.buffer, dtype),
      at: placeOf(others, view.steps, view.start, rank),
      index: this.read(places, indices.slice(axis, axis + placeRank)),
      step: view.steps[axis]!,
      size: table.instruction.shape[axis]!,
    };
  }

  #once(key: string, make: () => Expr): Expr {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const expr = make();
    this.#known.set(key, expr);
    return expr;
  }
}
