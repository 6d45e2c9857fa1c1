import { conv, matmul, sum, tensor, type Tensor } from "@steelyard/core";
import { describe, expect, test } from "vitest";
import { programOf } from "../../test/program-of.ts";
import { fuseEpilogues } from "./epilogues.ts";
import { graphOf, type Value } from "./graph.ts";
import { decideStorage } from "./storage.ts";

const data = (...shape: number[]): Tensor =>
  tensor(new Float32Array(shape.reduce((n, size) => n * size, 1)), { shape });

const name = ({ instruction }: Value): string => instruction.primitive!.name;

/** Which reduction or contraction ends in which map. */
async function fusedIn(roots: readonly Tensor[]): Promise<string[]> {
  const { values, outputs } = graphOf(await programOf(roots));
  const fused = fuseEpilogues(values, decideStorage({ values, outputs }), new Set(outputs));
  return [...fused].map(([heart, map]) => `${name(heart)} + ${name(map)}`);
}

const x = data(2, 6, 6, 4);
const y = conv(x, data(3, 3, 4, 4));
const z = conv(x.neg(), data(3, 3, 4, 4));
const rows = sum(data(8, 6), [1]);

describe("the map that is all that is made of a result becomes part of its kernel", () => {
  test.each<[string, () => readonly Tensor[], string[]]>([
    ["a bias and a relu", () => [y.add(data(4)).relu()], ["conv + relu"]],
    ["its mask: the result is read twice, by one map", () => [y.mul(y.greater(0).cast("f32"))], ["conv + mul"]],
    ["a function of a sum", () => [rows.div(6).add(1).sqrt()], ["sum + sqrt"]],
    [
      "behind a reshape that only adds axes",
      () => [sum(data(8, 6), [1], { keepDims: true }).add(data(8, 1))],
      ["sum + add"],
    ],
    ["of two results, one: the first", () => [y.add(z)], ["conv + add"]],
    ["but not what is asked for itself", () => [y, y.relu()], []],
    ["nor what two kernels read", () => [y.exp(), y.square().sum([0])], []],
    ["nor what moves its elements", () => [y.flip(1).add(1)], []],
    ["or stretches them", () => [rows.expandDims(1).add(data(8, 6))], []],
    ["or merges their axes", () => [y.reshape([2, 16, 4]).add(1)], []],
    ["or reduces them again", () => [sum(y.add(1), [0])], []],
    ["nor what another contraction reads in place", () => [matmul(matmul(data(4, 4), data(4, 4)), data(4, 4))], []],
    ["nor a map of another dtype", () => [y.greater(0)], []],
  ])("%s", async (_, roots, expected) => {
    expect(await fusedIn(roots())).toEqual(expected);
  });

  test("without elements too", async () => {
    expect(await fusedIn([sum(data(0, 3), [1]).relu()])).toEqual(["sum + relu"]);
  });
});
