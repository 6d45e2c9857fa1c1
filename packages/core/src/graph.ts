import { callSite } from "./errors.ts";
import type { DType, HostArray } from "./dtype.ts";
import type { Storage } from "./device.ts";
import type { Owned } from "./ownership.ts";
import type { Attrs, Primitive, Spec } from "./primitive.ts";
import { showSpec, type Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";
import type { Variable } from "./variable.ts";

// The graph: nodes, what is bound to them at run time, and the one walk over them. All else is built on these.

/**
 * What a node carries that may differ from step to step without changing the plan: host data, a number, the version of
 * a Variable, a function. Never part of a plan key.
 */
export type Slot =
  | { readonly kind: "data"; readonly data: HostArray }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "variable"; readonly variable: Variable; readonly version: number }
  | { readonly kind: "solve"; readonly solve: HostFunction }
  | { readonly kind: "rule"; readonly rule: CustomRule };

/** The function behind `hostSolve`: numbers in f64 and row-major order, in and out. */
export type HostFunction = (...inputs: Float64Array[]) => ArrayLike<number>[] | Promise<ArrayLike<number>[]>;

/** A derivative rule that replaces the one the graph would give: cotangents for the inputs after the first. */
export type CustomRule = (dOut: Tensor, ins: readonly Tensor[], out: Tensor) => readonly (Tensor | null)[];

/** One operation of the graph. The graph is the tape: `inputs` is all that the reverse sweep needs. */
export class Node implements Spec {
  /** Ids grow with creation, so inputs always have smaller ids than their users. */
  readonly id: number;
  readonly primitive: Primitive;
  /** Emptied when a commit releases the node. */
  inputs: readonly Node[];
  readonly attrs: Attrs;
  readonly shape: Shape;
  readonly dtype: DType;
  /** What the plan binds when it runs; null where the inputs and attributes say everything. */
  slot: Slot | null;
  /** The module that made it, for example `trunk.conv1`. */
  readonly path: string;
  /** The source line that made it; captured under debug, trace and anomaly mode only, as it costs microseconds. */
  readonly site: string | null;
  /** The value on a device, kept after `realise`. */
  owned: Owned | null = null;
  /** The value on the host, once it was read. */
  host: HostArray | null = null;
  /** Computed once inside a plan and not kept: computing it again is worth a warning. */
  spent = false;
  /** A commit dropped the inputs: the node is a constant from now on. */
  released = false;
  /** The value was given up: reading it is an error. */
  disposed = false;

  constructor(primitive: Primitive, inputs: readonly Node[], attrs: Attrs, spec: Spec, slot: Slot | null = null) {
    this.id = nextId++;
    this.primitive = primitive;
    this.inputs = inputs;
    this.attrs = attrs;
    this.shape = spec.shape;
    this.dtype = spec.dtype;
    this.slot = slot;
    this.path = modulePath;
    this.site = capturing ? (forwardSite ?? callSite()) : null;
  }

  get storage(): Storage | null {
    return this.owned === null ? null : this.owned.storage;
  }

  /** The value is at hand: a plan starts here instead of computing it. */
  get known(): boolean {
    return this.storage !== null || this.host !== null;
  }
}

let nextId = 0;
let modulePath = "";
let forwardSite: string | null = null;
let capturing = false;

/** The id the next node will get: nodes made from now on have this id or a larger one. */
export function upcomingId(): number {
  return nextId;
}

/** Runs `build` so that every node it makes carries `name` at the end of its module path. */
export function withPath<T>(name: string, build: () => T): T {
  return atPath(modulePath === "" ? name : `${modulePath}.${name}`, build);
}

/** Runs `build` so that every node it makes carries exactly this module path, and this line in place of its own. */
function atPath<T>(path: string, build: () => T, site: string | null = forwardSite): T {
  const outer = [modulePath, forwardSite] as const;
  [modulePath, forwardSite] = [path, site];
  try {
    return build();
  } finally {
    [modulePath, forwardSite] = outer;
  }
}

/** As `atPath` for cotangents: they belong to their value's module, and to the line that made the value. */
export function atGradientOf<T>({ path, site }: Node, build: () => T): T {
  return atPath(path, build, site === null ? null : `${site} (its gradient)`);
}

/** Switches the capture of source lines on or off; returns what it was. */
export function captureSites(on: boolean): boolean {
  const before = capturing;
  capturing = on;
  return before;
}

/** What was called to make the node, or the Variable that it reads. */
export function nameOf({ slot, attrs, primitive }: Node): string {
  // A rule node is a customVjp, a hook, a checkpoint or a stopGradient: its label says which.
  return slot?.kind === "variable" ? slot.variable.name : String(attrs["label"] ?? primitive.name);
}

/** How a message names a node: operation, module path, shape and, when captured, source line. */
export function describeNode(node: Node): string {
  const where = node.path === "" ? "" : ` in ${node.path}`;
  const line = node.site === null ? "" : ` (created at ${node.site})`;
  return `${nameOf(node)} ${showSpec(node)}${where}${line}`;
}

/**
 * All nodes the roots depend on, every node after its inputs; `enter` can stop the walk at a node (it is listed, its
 * inputs are not). Iterative: depth is bounded by memory, not by the call stack.
 */
export function inputsFirst(roots: Iterable<Node>, enter: (node: Node) => boolean = () => true): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  const visit = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    stack.push({ node, next: enter(node) ? 0 : node.inputs.length });
  };
  for (const root of roots) {
    visit(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = top.node.inputs[top.next++];
      if (input !== undefined) visit(input);
      else order.push(stack.pop()!.node);
    }
  }
  return order;
}
