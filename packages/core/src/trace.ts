import { inputsFirst, type Node } from "./graph.ts";
import type { Attrs, Spec } from "./primitive.ts";
import { showSpec } from "./shape.ts";
import { toTensor, type TensorLike } from "./tensor.ts";

/** One node of a traced graph, as plain data. */
export interface TracedNode extends Spec {
  readonly id: number;
  readonly operation: string;
  readonly inputs: readonly number[];
  readonly attrs: Attrs;
  readonly path: string;
  readonly site: string | null;
  /** What the runtime slot holds, in words; null for an operation. */
  readonly bound: string | null;
}

/** The graph behind some tensors, numbered from 0, inputs first. Forward and backward graphs are the same thing. */
export interface Graph {
  readonly nodes: readonly TracedNode[];
  readonly outputs: readonly number[];
  /** One line a node: `%2 = mul(%0, %1) f32[3]  # trunk.conv1`. */
  toString(): string;
  toJSON(): { readonly nodes: readonly TracedNode[]; readonly outputs: readonly number[] };
  /** For Graphviz. */
  toDot(): string;
}

/** The graph that computes the tensors, down to its sources. */
export function trace(...roots: TensorLike[]): Graph {
  const tops = roots.map((x) => toTensor(x).node);
  const order = inputsFirst(tops);
  const index = new Map(order.map((node, i) => [node, i]));
  const nodes = order.map((node, id) => traced(node, id, index));
  const outputs = tops.map((node) => index.get(node)!);
  return {
    nodes,
    outputs,
    toString: () => [...nodes.map(line), `return ${outputs.map((id) => `%${id}`).join(", ")}`].join("\n"),
    toJSON: () => ({ nodes, outputs }),
    toDot: () => graphviz(nodes, outputs),
  };
}

/** The graph behind the tensors as text, a line for each operation. */
export function print(...roots: TensorLike[]): string {
  return trace(...roots).toString();
}

function traced(node: Node, id: number, index: ReadonlyMap<Node, number>): TracedNode {
  const { primitive, attrs, shape, dtype, path, site } = node;
  const inputs = node.inputs.map((input) => index.get(input)!);
  return { id, operation: primitive.name, inputs, attrs, shape, dtype, path, site, bound: boundTo(node) };
}

function boundTo({ slot }: Node): string | null {
  if (slot === null) return null;
  if (slot.kind === "number") return String(slot.value);
  if (slot.kind === "variable") return `${slot.variable.name} version ${slot.version}`;
  return slot.kind === "data" ? `${slot.data.length} numbers` : "a function";
}

function line({ id, operation, inputs, attrs, shape, dtype, path, site, bound }: TracedNode): string {
  // Sources repeat their own shape and dtype among their attributes.
  const shown = Object.entries(attrs).filter(([key]) => key !== "shape" && key !== "dtype");
  const details = shown.map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const operands = [...inputs.map((input) => `%${input}`), ...(bound === null ? [] : [bound]), ...details];
  const remark = [path, site ?? ""].filter((text) => text !== "").join(" ");
  const comment = remark === "" ? "" : `  # ${remark}`;
  return `%${id} = ${operation}(${operands.join(", ")}) ${showSpec({ shape, dtype })}${comment}`;
}

function graphviz(nodes: readonly TracedNode[], outputs: readonly number[]): string {
  const boxes = nodes.map(({ id, operation, shape, dtype, path, bound }) => {
    const label = [operation, showSpec({ shape, dtype }), bound ?? "", path].filter((part) => part !== "");
    return `  n${id} [label=${JSON.stringify(label.join("\n"))}${outputs.includes(id) ? ", peripheries=2" : ""}];`;
  });
  const arrows = nodes.flatMap(({ id, inputs }) => inputs.map((input) => `  n${input} -> n${id};`));
  return ["digraph steelyard {", "  rankdir=TB;", "  node [shape=box];", ...boxes, ...arrows, "}"].join("\n");
}
