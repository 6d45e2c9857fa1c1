import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzz } from "../../test/fuzz.ts";
import { einsum, interpret, f32Algebra, gradients, sum, tensor, zeros, type Tensor } from "../index.ts";

const square = [
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
];
// Adding 0 turns a −0 into 0: the sign of a zero depends on whether anything was added to it.
const valuesOf = (x: Tensor): number[] => Array.from(interpret(f32Algebra, [x])[0]!.planes[0]!, (v) => v + 0);

describe("einsum", () => {
  test("one operand: transposes, sums and diagonals", async () => {
    const x = tensor(square);
    expect(await einsum("ij->ji", x).array()).toEqual([
      [1, 4, 7],
      [2, 5, 8],
      [3, 6, 9],
    ]);
    expect(await einsum("ij->j", x).array()).toEqual([12, 15, 18]);
    expect(await einsum("ij->", x).array()).toBe(45);
    expect(await einsum("ii->i", x).array()).toEqual([1, 5, 9]);
    expect(await einsum("ii", x).array()).toBe(15);
  });

  test("left out, the output has the letters that occur once, in alphabetical order", async () => {
    expect(await einsum("ba", tensor([[1, 2]])).array()).toEqual([[1], [2]]);
    expect(einsum("ij, jk", zeros([2, 3]), zeros([3, 4])).shape).toEqual([2, 4]);
  });

  test("an outer product, a product element by element, an inner product", async () => {
    const [a, b] = [tensor([1, 2]), tensor([3, 4])];
    expect(await einsum("i,j->ij", a, b).array()).toEqual([
      [3, 4],
      [6, 8],
    ]);
    expect(await einsum("i,i->i", a, b).array()).toEqual([3, 8]);
    expect(await einsum("i,i", a, b).array()).toBe(11);
    expect(await einsum(",i->i", 2, b).array()).toEqual([6, 8]);
  });

  test("a diagonal's gradient goes to the diagonal alone", async () => {
    const x = tensor(square);
    expect(await gradients(sum(einsum("ii->i", x)), [x])[0]!.array()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
  });

  test("what it computes is the sum over all letters of the product, whatever the equation", () => {
    const size = { a: 2, b: 3, c: 1, d: 2 } as const;
    const letters = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 3 });
    const cases = fc.tuple(fc.array(letters, { minLength: 1, maxLength: 3 }), fc.nat()).chain(([inputs, seed]) => {
      const used = [...new Set(inputs.flat())];
      return fc.shuffledSubarray(used).map((output) => ({ inputs, output, seed }));
    });
    fc.assert(
      fc.property(cases, ({ inputs, output, seed }) => {
        const shapeOf = (labels: readonly string[]): number[] =>
          labels.map((label) => size[label as keyof typeof size]);
        const operands = inputs.map((labels, i) => {
          const shape = shapeOf(labels);
          const count = shape.reduce((a, b) => a * b, 1);
          const data = Float32Array.from({ length: count }, (_, j) => (((seed % 97) + 7 * i + 5 * j * j) % 11) - 5);
          return tensor(data, { shape });
        });
        const y = einsum(`${inputs.map((labels) => labels.join("")).join(",")}->${output.join("")}`, ...operands);
        expect(y.shape).toEqual(shapeOf(output));
        expect(valuesOf(y)).toEqual(bySumming(inputs, output, operands.map(valuesOf), size));
      }),
      fuzz(100),
    );
  });

  test("equations that say nothing sensible are refused", () => {
    const x = zeros([2, 2]);
    expect(() => einsum("...ij->...ji", x)).toThrow(
      'einsum: needs a letter for every axis, got "...ij->...ji"\n  hint: name the axes of ...',
    );
    expect(() => einsum("ij,jk->ik", x)).toThrow('einsum: needs letters for each of 1 operands, as in "ij,jk->ik"');
    expect(() => einsum("ij->ik", x)).toThrow("output letters that occur in the inputs, each once");
    expect(() => einsum("ij->ii", x)).toThrow("output letters that occur in the inputs, each once");
    expect(() => einsum("i->i", x)).toThrow('einsum: needs a tensor of rank 1 for "i" in "i->i", got [2, 2]');
    expect(() => einsum("ij,jk", x, zeros([3, 2]))).toThrow('einsum: needs one size for j in "ij,jk", got 2 and 3');
  });
});

/** The definition: for every assignment of the letters, one product is added to one output. */
function bySumming(
  inputs: readonly (readonly string[])[],
  output: readonly string[],
  operands: readonly (readonly number[])[],
  size: Readonly<Record<string, number>>,
): number[] {
  const letters = [...new Set(inputs.flat())];
  const offset = (labels: readonly string[], at: Readonly<Record<string, number>>): number =>
    labels.reduce((sofar, label) => sofar * size[label]! + at[label]!, 0);
  const result = new Array<number>(output.reduce((count, label) => count * size[label]!, 1)).fill(0);
  const visit = (i: number, at: Readonly<Record<string, number>>): void => {
    if (i === letters.length) {
      result[offset(output, at)]! += inputs.reduce(
        (product, labels, j) => product * operands[j]![offset(labels, at)]!,
        1,
      );
    } else for (let v = 0; v < size[letters[i]!]!; v++) visit(i + 1, { ...at, [letters[i]!]: v });
  };
  visit(0, {});
  return result;
}
