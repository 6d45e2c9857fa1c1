import type { Storage } from "./device.ts";
import type { DType } from "./dtype.ts";
import { shapeError, dtypeError, SteelyardError } from "./errors.ts";
import { Node } from "./graph.ts";
import { letGo, own, type Owned } from "./ownership.ts";
import { parameterPrimitive } from "./primitives/sources.ts";
import { sameShape, showShape, showSpec, type Shape } from "./shape.ts";
import { Tensor, tensor, toTensor, type NestedNumbers, type TensorLike } from "./tensor.ts";

// State. A Variable holds one version of a value; `step` in realise.ts moves all of them to the next together.

/** What the next commit will store in a Variable. */
export interface Assignment {
  readonly variable: Variable;
  readonly value: Tensor;
}

/** The Variables with an assignment that waits for the next `step`. */
const pending = new Set<Variable>();

/** Takes over all pending assignments: whatever happens to them now, the next step starts without them. */
export function takePending(): Assignment[] {
  const assignments = [...pending].map((variable) => ({ variable, value: variable.next }));
  pending.clear();
  for (const { variable } of assignments) variable.forget();
  return assignments;
}

/**
 * A cell of state: a parameter, an optimiser slot, a running statistic. All state of a program lives in such cells.
 *
 * Operations read the *committed* value. `assign` only records what comes next; `await step(…)` computes all recorded
 * values in one plan and then swaps them in together, like the registers of a clocked circuit.
 *
 * @example
 * const w = new Variable([1, 2]);
 * w.assign(w.value.mul(2));
 * w.value // [1, 2]
 * await step();
 * w.value // [2, 4]
 */
export class Variable {
  /** For messages and memory reports; module trees set it to the path of the Variable. */
  name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  /** False for state that no optimiser should move, such as running statistics. */
  readonly trainable: boolean;
  #version = 0;
  #current: Tensor | null = null;
  #next: Tensor | null = null;
  #initial: Tensor | null;
  readonly #owned: Owned = { storage: null };

  /**
   * @param initial the first value, f32 unless it is a tensor of another dtype. A tensor is computed when it is first
   *   needed: one that reads another Variable has to be realised before that Variable's next commit.
   */
  constructor(initial: TensorLike | NestedNumbers, options: { name?: string; trainable?: boolean } = {}) {
    const value = typeof initial === "object" && "length" in initial ? tensor(initial) : toTensor(initial);
    this.name = options.name ?? "variable";
    this.trainable = options.trainable ?? true;
    this.shape = value.shape;
    this.dtype = value.dtype;
    this.#initial = value;
    own(this, this.#owned);
  }

  /** The committed value, as a tensor of the graph. The same handle until the next commit. */
  get value(): Tensor {
    this.#current ??= new Tensor(
      new Node(parameterPrimitive, [], { shape: this.shape, dtype: this.dtype }, this, {
        kind: "variable",
        variable: this,
        version: this.#version,
      }),
    );
    return this.#current;
  }

  /** What the next commit will store: the pending assignment, or the committed value when there is none. */
  get next(): Tensor {
    return this.#next ?? this.value;
  }

  /** Grows by one with each commit that assigned this Variable. */
  get version(): number {
    return this.#version;
  }

  /**
   * Records the value the next `step` commits; a second call replaces the first. Build on `next` to compose with an
   * earlier assignment of the same step.
   *
   * @throws ShapeError, DTypeError when the value does not have the Variable's shape and dtype
   */
  assign(value: TensorLike): void {
    const next = toTensor(value, this.dtype);
    const who = `assign to ${this.name}`;
    if (!sameShape(next.shape, this.shape)) throw shapeError(who, showShape(this.shape), showShape(next.shape));
    if (next.dtype !== this.dtype) throw dtypeError(who, this.dtype, next.dtype, "cast the value first");
    this.#next = next;
    pending.add(this);
  }

  /** Drops a pending assignment. */
  forget(): void {
    this.#next = null;
    pending.delete(this);
  }

  /** The graph of the first value, until it has been computed; for the engine. */
  get initial(): Tensor | null {
    return this.#initial;
  }

  /** Where version `version` lives; for the engine. @throws StaleVariable */
  storageOf(version: number): Storage | null {
    if (version !== this.#version) {
      throw new SteelyardError({
        code: "StaleVariable",
        who: this.name,
        needs: `a graph over its current version ${this.#version}`,
        got: `one over version ${version}`,
        hint: "a step has replaced the value since: build the graph again after `await step(…)`, or read it before",
      });
    }
    return this.#owned.storage;
  }

  /** Gives the first version its storage. For the engine. */
  settle(storage: Storage): void {
    storage.owner = this.name;
    this.#owned.storage = storage;
    this.#initial = null;
  }

  /** Swaps the storage of the next version in; the old one no longer belongs to the Variable. For the engine. */
  commit(storage: Storage): Storage | null {
    const old = this.#owned.storage;
    this.settle(storage);
    this.#version++;
    this.#current = null;
    return old;
  }

  toString(): string {
    return `Variable(${this.name} ${showSpec(this)}, version ${this.#version})`;
  }

  /** Gives the storage back now. Reading afterwards is an error, until a step has committed another value. */
  dispose(): void {
    this.forget();
    letGo(this.#owned);
    this.value.node.host = null;
    this.value.node.disposed = true;
  }
}
