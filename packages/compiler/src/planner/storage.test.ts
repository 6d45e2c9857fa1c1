import {
  concat,
  conv,
  gather,
  iota,
  matmul,
  maxPool,
  pad,
  random,
  softmax,
  sum,
  tensor,
  type Tensor,
} from "@steelyard/core";
import { describe, expect, test } from "vitest";
import { programOf } from "../../test/program-of.ts";
import { graphOf } from "./graph.ts";
import { decideStorage } from "./storage.ts";

const data = (...shape: number[]): Tensor =>
  tensor(new Float32Array(shape.reduce((n, size) => n * size, 1)), { shape });
const chain = (from: Tensor, length: number): Tensor =>
  Array.from({ length }).reduce<Tensor>((at: Tensor) => at.add(1), from);

/** The operations whose results get a buffer, in order; those that must lie in row-major order with a star. */
async function storedIn(roots: readonly Tensor[]): Promise<string> {
  const graph = graphOf(await programOf(roots));
  const { stored, dense } = decideStorage(graph);
  return graph.values
    .filter((value) => stored.has(value) && value.kind !== "input")
    .map((value) => value.instruction.primitive!.name + (dense.has(value) ? "*" : ""))
    .join(" ");
}

const x = data(8, 6);
const image = data(2, 6, 6, 4);
const filter = data(3, 3, 4, 4);

describe("what is stored", () => {
  test.each<[string, () => readonly Tensor[], string]>([
    ["of maps one after the other: the last", () => [x.add(1).mul(2).exp()], "exp*"],
    ["and what else is asked for", () => [x.add(1), x.add(1).mul(2)], "add* mul*"],
    ["not a view, wherever it stands", () => [x.transpose().add(1).reshape([6, 4, 2]).mul(2)], "mul*"],
    ["but a view that is asked for", () => [x.transpose()], "permute*"],
    ["not what is cheap, though two read it", () => [x.add(1).sum([0]), x.add(1).exp()], "sum* exp*"],
    ["what is slow and read by two", () => [x.exp().sum([0]), x.exp().mul(2)], "exp sum* mul*"],
    ["not what is slow and read twice by one", () => [x.exp().mul(x.exp().add(1))], "mul*"],
    [
      "nor what only seemed to be read by two",
      () => [x.exp().add(1).mul(x.exp().sub(1)).mul(chain(x, 50))],
      "add mul*",
    ],
    ["what many elements read through a broadcast", () => [x.add(data(6).mul(2).exp())], "exp add*"],
    ["behind other views, too", () => [data(3).mul(2).exp().expandDims(0).broadcastTo([4, 3]).neg()], "exp neg*"],
    ["every so many operations", () => [chain(x, 100)], "add add add*"],
    ["what a reduction gives, and not what it reduces", () => [softmax(x)], "max exp sum div*"],
    [
      "what a contraction reads, even through views",
      () => [matmul(x.add(1).transpose(), data(8, 3).mul(2))],
      "add mul dot reshape*",
    ],
    [
      "in order what is read behind a merging reshape",
      () => [x.add(1).transpose().reshape([48]).mul(2)],
      "permute* mul*",
    ],
    ["what windows read", () => [maxPool(image.relu(), { window: 2 })], "relu poolGather*"],
    ["the table of a lookup", () => [gather(x.exp(), iota([3], 0).mul(2), 0)], "exp gather*"],
    ["random bits, for all who read them", () => [random.uniform(random.key(1), [4]).mul(2)], "randomBits mul*"],
    ["what the host reads, in order", () => [x.add(1).transpose().cast("f64").neg()], "permute* cast* neg*"],
    ["what orders read, wherever it lies", () => [x.add(1).transpose().cumsum(0).mul(2)], "add cumsum mul*"],
    ["not the parts of a concat", () => [concat([x.add(1), x.mul(2)], 0).sum()], "sum*"],
    ["not what is padded", () => [pad(x.add(1), [[1, 1], [0, 0]]).exp()], "exp*"], // prettier-ignore
  ])("%s", async (_, roots, expected) => {
    expect(await storedIn(roots())).toBe(expected);
  });

  test("is what convolutions read, once for all three", async () => {
    const y = conv(image.relu(), filter, { padding: "same" });
    expect(await storedIn([sum(y)])).toBe("relu conv sum*");
  });
});
