import { shapeError, valueError } from "../errors.ts";
import { dot } from "../primitives/dot.ts";
import { commonFloat } from "../primitives/operands.ts";
import { showShape, sizeOf, type Shape } from "../shape.ts";
import { toTensors, type Tensor, type TensorLike } from "../tensor.ts";
import { mul } from "./arithmetic.ts";
import { sum } from "./reductions.ts";
import { reshape, slice, transpose } from "./views.ts";

/** One letter for each axis. */
type Labels = readonly string[];
interface Term {
  readonly x: Tensor;
  readonly labels: Labels;
}

/**
 * Einstein's summation: multiplies the operands where their letters agree and sums over the letters that the output
 * lacks. `"bij,bjk->bik"` is a batched matrix product, `"ij->ji"` a transpose, `"ii->i"` a diagonal, `"i,j->ij"` an
 * outer product.
 *
 * Without `->` the output has the letters that occur exactly once, in alphabetical order. Operands are contracted
 * pairwise from left to right: put first what shrinks most.
 *
 * @example
 * // The scores of attention: queries and keys.
 * einsum("bqd,bkd->bqk", zeros([2, 3, 8]), zeros([2, 5, 8])).shape // [2, 3, 5]
 * @throws ValueError when the equation is not well formed; ellipsis (`...`) is not part of it
 * @throws ShapeError when the letters do not fit the operands' shapes
 * @throws DTypeError when the operands are not floats of one dtype
 */
export function einsum(equation: string, ...operands: TensorLike[]): Tensor {
  const { inputs, output } = parse(equation, operands.length);
  const tensors = toTensors(operands);
  commonFloat("einsum", tensors);
  requireSizes(equation, inputs, tensors);
  const terms = tensors.map((x, i) => diagonals({ x, labels: inputs[i]! }));
  const result = terms.reduce((left, right, i) => {
    const later = terms.slice(i + 1).flatMap(({ labels }) => labels);
    return contract(left, right, [...output, ...later]);
  });
  return arranged(result, output);
}

function parse(equation: string, count: number): { inputs: Labels[]; output: Labels } {
  const text = equation.replaceAll(" ", "");
  if (text.includes("."))
    throw valueError("einsum", "a letter for every axis", `"${equation}"`, "name the axes of ...");
  const [, left, right] = /^([a-zA-Z,]*)(?:->([a-zA-Z]*))?$/.exec(text) ?? [];
  const inputs = (left ?? "").split(",").map((labels) => labels.split(""));
  if (left === undefined || count === 0 || inputs.length !== count) {
    const needs = `letters for each of ${count} operands, as in "ij,jk->ik"`;
    throw valueError("einsum", needs, `"${equation}"`, "operands are separated by commas; -> leads to the output");
  }
  const all = inputs.flat();
  const once = all.filter((label) => all.indexOf(label) === all.lastIndexOf(label)).toSorted();
  const output = right?.split("") ?? once;
  const odd = output.find((label, i) => !all.includes(label) || output.indexOf(label) !== i);
  if (odd === undefined) return { inputs, output };
  throw valueError("einsum", "output letters that occur in the inputs, each once", `${odd} in "${equation}"`);
}

function requireSizes(equation: string, inputs: readonly Labels[], tensors: readonly Tensor[]): void {
  const sizes = new Map<string, number>();
  for (const [i, { shape }] of tensors.entries()) {
    const labels = inputs[i]!;
    if (labels.length !== shape.length) {
      const needs = `a tensor of rank ${labels.length} for "${labels.join("")}" in "${equation}"`;
      throw shapeError("einsum", needs, showShape(shape));
    }
    for (const [axis, label] of labels.entries()) {
      const size = sizes.get(label) ?? shape[axis]!;
      if (size !== shape[axis]!) {
        throw shapeError("einsum", `one size for ${label} in "${equation}"`, `${size} and ${shape[axis]}`);
      }
      sizes.set(label, size);
    }
  }
}

/** Takes the diagonal of every letter that an operand has twice: among n² elements it lies n + 1 apart. */
function diagonals(term: Term): Term {
  const { x, labels } = term;
  const second = labels.findIndex((label, i) => labels.indexOf(label) !== i);
  if (second < 0) return term;
  const first = labels.indexOf(labels[second]!);
  const others = x.shape.map((_, axis) => axis).filter((axis) => axis !== first && axis !== second);
  const lead = others.map((axis) => x.shape[axis]!);
  const n = x.shape[first]!;
  const flat = reshape(transpose(x, [...others, first, second]), [...lead, n * n]);
  const starts = [...lead.map(() => 0), 0];
  const steps = [...lead.map(() => 1), n + 1];
  const diagonal = slice(flat, starts, [...lead, n], steps);
  return diagonals({ x: diagonal, labels: [...others, first].map((axis) => labels[axis]!) });
}

/** The product of two terms, summed over the letters that nobody needs afterwards. */
function contract(left: Term, right: Term, needed: Labels): Term {
  const a = summed(left, [...needed, ...right.labels]);
  const b = summed(right, [...needed, ...left.labels]);
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => needed.includes(label));
  const over = shared.filter((label) => !needed.includes(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  const [lead, m, k, n] = [sizesOf(a, batch), sizesOf(a, rows), sizesOf(a, over), sizesOf(b, columns)];
  const x = reshape(arranged(a, [...batch, ...rows, ...over]), [sizeOf(lead), sizeOf(m), sizeOf(k)]);
  const y = reshape(arranged(b, [...batch, ...over, ...columns]), [sizeOf(lead), sizeOf(k), sizeOf(n)]);
  // Nothing to sum over: multiplying with broadcasting says the same without products of tiny matrices.
  const product = over.length === 0 ? mul(x, y) : dot(x, y);
  return { x: reshape(product, [...lead, ...m, ...n]), labels: [...batch, ...rows, ...columns] };
}

/** The term's tensor with its axes in the given order, summed over the letters left out. */
function arranged(term: Term, order: Labels): Tensor {
  const { x, labels } = summed(term, order);
  const permutation = order.map((label) => labels.indexOf(label));
  return permutation.every((axis, i) => axis === i) ? x : transpose(x, permutation);
}

function summed({ x, labels }: Term, needed: Labels): Term {
  const axes = labels.flatMap((label, axis) => (needed.includes(label) ? [] : [axis]));
  return axes.length === 0 ? { x, labels } : { x: sum(x, axes), labels: labels.filter((l) => needed.includes(l)) };
}

function sizesOf({ x, labels }: Term, some: Labels): Shape {
  return some.map((label) => x.shape[labels.indexOf(label)]!);
}
