import { describeNode, inputsFirst, type Node } from "./graph.ts";
import { SteelyardError } from "./errors.ts";
import type { Attrs, AttrValue, Primitive, Spec } from "./primitive.ts";

// From graph to program: the nodes in order, with numbers in place of references and slots in place of values.

/** One value of a program: an operation on earlier values, or (primitive null) an input bound at run time. */
export interface Instruction extends Spec {
  readonly primitive: Primitive | null;
  /** Indices of earlier instructions. */
  readonly inputs: readonly number[];
  readonly attrs: Attrs;
  /** Bound at run time: an input's storage, a fill's number, a host solve's function. */
  readonly bound: boolean;
  /** For messages and profiles; not part of the structure. */
  readonly label: string;
}

/**
 * The structure of a piece of graph, without any of its numbers: what a device compiles. Two steps of a training run
 * have equal programs and differ in their bindings alone.
 */
export interface Program {
  readonly hash: number;
  readonly instructions: readonly Instruction[];
  /** Indices of the instructions bound at run time, in order. */
  readonly slots: readonly number[];
  /** Indices of the values asked for; each occurrence gets storage of its own. */
  readonly outputs: readonly number[];
}

/** A program and the nodes it came from, index by index. */
export interface Linearised {
  readonly program: Program;
  readonly nodes: readonly Node[];
}

/** A node whose value is bound, not computed: known values, host data and Variables. */
export function isInput(node: Node): boolean {
  return node.known || node.slot?.kind === "data" || node.slot?.kind === "variable";
}

/** Lays the graph behind the roots out as a program that starts from the values at hand. */
export function linearise(roots: readonly Node[]): Linearised {
  const nodes = inputsFirst(roots, (node) => !isInput(node));
  const index = new Map(nodes.map((node, i) => [node, i]));
  const instructions = nodes.map((node) => instructionOf(node, index));
  const slots = instructions.flatMap((instruction, i) => (instruction.bound ? [i] : []));
  const outputs = roots.map((root) => index.get(root)!);
  let hash = instructions.reduce((h, { inputs, attrs, shape, dtype, primitive }) => {
    h = mixText(h, primitive === null ? "input" : primitive.name);
    h = inputs.reduce(mix, h);
    h = shape.reduce(mix, mixText(h, dtype));
    return mixAttr(h, attrs);
  }, 0);
  hash = outputs.reduce(mix, hash);
  return { program: { hash, instructions, slots, outputs }, nodes };
}

const noAttrs: Attrs = {};

function instructionOf(node: Node, index: ReadonlyMap<Node, number>): Instruction {
  const { shape, dtype, slot } = node;
  const label = node.path === "" ? node.primitive.name : `${node.path}/${node.primitive.name}`;
  if (node.disposed) throw gone(node);
  if (isInput(node)) return { primitive: null, inputs: [], attrs: noAttrs, shape, dtype, bound: true, label };
  if (node.released) throw gone(node);
  return {
    primitive: node.primitive,
    inputs: node.inputs.map((input) => index.get(input)!),
    attrs: node.attrs,
    shape,
    dtype,
    bound: slot?.kind === "number" || slot?.kind === "solve",
    label,
  };
}

function gone(node: Node): SteelyardError {
  return new SteelyardError({
    code: "DisposedTensor",
    who: "data",
    needs: "a value that is still held",
    got: `${describeNode(node)}, which was ${node.disposed ? "disposed" : "released by a commit"}`,
    hint: "read it, or realise it, before you give it up",
  });
}

/** Confirms a hash hit: equal structure, whatever the numbers. */
export function sameStructure(a: Program, b: Program): boolean {
  return (
    a.instructions.length === b.instructions.length &&
    sameValue(a.outputs, b.outputs) &&
    a.instructions.every((x, i) => {
      const y = b.instructions[i]!;
      return (
        x.primitive === y.primitive &&
        x.dtype === y.dtype &&
        x.bound === y.bound &&
        sameValue(x.inputs, y.inputs) &&
        sameValue(x.shape, y.shape) &&
        (x.attrs === y.attrs || sameAttrs(x.attrs, y.attrs))
      );
    })
  );
}

function sameAttrs(a: Attrs, b: Attrs): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && sameValue(a[key]!, b[key]!));
}

function sameValue(a: AttrValue, b: AttrValue): boolean {
  if (typeof a !== "object" || typeof b !== "object") return Object.is(a, b);
  return a.length === b.length && a.every((x, i) => sameValue(x, b[i]!));
}

// As FNV-1a, on words and with a shift that brings high bits down: quick, and good enough, as every hit is confirmed.
function mix(hash: number, value: number): number {
  return Math.imul(hash ^ value, 0x01000193) ^ (hash >>> 15);
}

function mixText(hash: number, text: string): number {
  for (let i = 0; i < text.length; i++) hash = mix(hash, text.charCodeAt(i));
  return hash;
}

function mixAttr(hash: number, value: AttrValue | Attrs): number {
  if (typeof value === "number") return mix(mix(hash, value | 0), Math.round((value % 1) * 0x7fffffff));
  if (typeof value === "string") return mixText(hash, value);
  if (typeof value === "boolean") return mix(hash, value ? 1 : 2);
  if (Array.isArray(value)) return value.reduce<number>(mixAttr, mix(hash, value.length));
  return Object.entries(value).reduce((h, [key, inner]) => mixAttr(mixText(h, key), inner), hash);
}
