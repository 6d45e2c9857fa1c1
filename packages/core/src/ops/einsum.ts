import { shapeError, valueError } from "../errors.ts";
import { dot } from "../primitives/dot.ts";
import { commonFloat } from "../primitives/operands.ts";
import { showShape, sizeOf, type Shape } from "../shape.ts";
import { toTensors, type Tensor, type TensorLike } from "../tensor.ts";
import { mul } from "./arithmetic.ts";
import { sum } from "./reductions.ts";
import { reshape, slice, transpose } from "./views.ts";

/** A tensor whose axes have names, one letter each. */
interface Labelled {
  readonly x: Tensor;
  readonly labels: string;
}

/**
 * Einstein's summation: multiplies the operands where their letters agree and sums over the letters that the output lacks.
 * `"bij,bjk->bik"` is a batched matrix product, `"ij->ji"` a transpose, `"ii->i"` a diagonal, `"i,j->ij"` an outer product.
 *
 * Without `->` the output has the letters that occur exactly once, in alphabetical order. Operands are contracted pairwise
 * from left to right: put first what shrinks most.
 *
 * @example einsum("bqd,bkd->bqk", queries, keys) // attention scores
 * @throws ValueError when the equation is not well formed; ellipsis (`...`) is not part of it
 * @throws ShapeError when the letters do not fit the operands' shapes
 */
export function einsum(equation: string, ...operands: TensorLike[]): Tensor {
  const { inputs, output } = parse(equation, operands.length);
  const tensors = toTensors(operands);
  commonFloat("einsum", tensors);
  requireSizes(equation, inputs, tensors);
  const terms = tensors.map((x, i) => ({ x, labels: inputs[i]! })).map(diagonals);
  const result = terms.reduce((left, right, i) => {
    const later = terms.slice(i + 1).map(({ labels }) => labels);
    return contract(left, right, output + later.join(""));
  });
  return arrange(result, output);
}

function parse(equation: string, count: number): { inputs: string[]; output: string } {
  const text = equation.replaceAll(" ", "");
  if (text.includes("."))
    throw valueError("einsum", "a letter for every axis", `"${equation}"`, "name the axes behind ...");
  const [, left, right] = /^([a-zA-Z,]*)(?:->([a-zA-Z]*))?$/.exec(text) ?? [];
  const inputs = left?.split(",") ?? [];
  if (left === undefined || inputs.length !== count) {
    const needs = `letters for each of ${count} operands, as in "ij,jk->ik"`;
    throw valueError("einsum", needs, `"${equation}"`, "operands are separated by commas; -> leads to the output");
  }
  const all = inputs.join("");
  const once = [...new Set(all)].filter((label) => all.indexOf(label) === all.lastIndexOf(label)).toSorted();
  const output = right ?? once.join("");
  const odd = [...output].find((label, i) => !all.includes(label) || output.indexOf(label) !== i);
  if (odd !== undefined)
    throw valueError("einsum", "output letters that occur in the inputs, each once", `"${equation}" with ${odd}`);
  return { inputs, output };
}

function requireSizes(equation: string, inputs: readonly string[], tensors: readonly Tensor[]): void {
  const sizes = new Map<string, number>();
  for (const [i, { shape }] of tensors.entries()) {
    const labels = inputs[i]!;
    if (labels.length !== shape.length) {
      throw shapeError(
        "einsum",
        `a tensor of rank ${labels.length} for "${labels}" in "${equation}"`,
        showShape(shape),
      );
    }
    for (const [axis, label] of [...labels].entries()) {
      const size = sizes.get(label) ?? shape[axis]!;
      if (size !== shape[axis]!)
        throw shapeError("einsum", `one size for ${label} in "${equation}"`, `${size} and ${shape[axis]}`);
      sizes.set(label, size);
    }
  }
}

/** Takes the diagonal of every letter that an operand has twice: among n² elements it lies n + 1 apart. */
function diagonals(term: Labelled): Labelled {
  const { x, labels } = term;
  const twice = [...labels].find((label, i) => labels.indexOf(label) !== i);
  if (twice === undefined) return term;
  const [first, second] = [labels.indexOf(twice), labels.lastIndexOf(twice)];
  const others = x.shape.map((_, axis) => axis).filter((axis) => axis !== first && axis !== second);
  const lead = others.map((axis) => x.shape[axis]!);
  const n = x.shape[first]!;
  const flat = reshape(transpose(x, [...others, first, second]), [...lead, n * n]);
  const steps = [...lead.map(() => 1), n + 1];
  const diagonal = slice(
    flat,
    steps.map(() => 0),
    [...lead, n],
    steps,
  );
  return diagonals({ x: diagonal, labels: others.map((axis) => labels[axis]!).join("") + twice });
}

/** The product of two terms, summed over the letters that nobody needs afterwards. */
function contract(left: Labelled, right: Labelled, needed: string): Labelled {
  const a = summed(left, needed + right.labels);
  const b = summed(right, needed + left.labels);
  const shared = [...a.labels].filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => needed.includes(label)).join("");
  const over = shared.filter((label) => !needed.includes(label)).join("");
  const [rows, columns] = [without(a.labels, batch + over), without(b.labels, batch + over)];
  const [aShape, bShape] = [shapeOf(a), shapeOf(b)];
  const [lead, m, k, n] = [sizeOf(aShape(batch)), sizeOf(aShape(rows)), sizeOf(aShape(over)), sizeOf(bShape(columns))];
  const x = reshape(arrange(a, batch + rows + over), [lead, m, k]);
  const y = reshape(arrange(b, batch + over + columns), [lead, k, n]);
  // Nothing to sum over: multiplying with broadcasting says the same without a product of tiny matrices.
  const product = over === "" ? mul(x, y) : dot(x, y);
  return {
    x: reshape(product, [...aShape(batch), ...aShape(rows), ...bShape(columns)]),
    labels: batch + rows + columns,
  };
}

/** The term with its axes in the given order, summed over the letters left out. */
function arrange(term: Labelled, labels: string): Tensor {
  const kept = summed(term, labels);
  return transpose(
    kept.x,
    [...labels].map((label) => kept.labels.indexOf(label)),
  );
}

function summed({ x, labels }: Labelled, needed: string): Labelled {
  const axes = [...labels].flatMap((label, axis) => (needed.includes(label) ? [] : [axis]));
  return axes.length === 0
    ? { x, labels }
    : { x: sum(x, axes), labels: [...labels].filter((l) => needed.includes(l)).join("") };
}

const without = (labels: string, dropped: string): string =>
  [...labels].filter((label) => !dropped.includes(label)).join("");

function shapeOf({ x, labels }: Labelled): (some: string) => Shape {
  return (some) => [...some].map((label) => x.shape[labels.indexOf(label)]!);
}
