import { describe, expect, test } from "vitest";
import {
  add,
  checkpoint,
  customVjp,
  interpret,
  exp,
  f32Algebra,
  gradients,
  hook,
  matmul,
  mul,
  random,
  sin,
  softmax,
  square,
  stopGradient,
  sum,
  tanh,
  Variable,
  type Tensor,
} from "../src/index.ts";
import { drawing, drawLike } from "../src/testing/index.ts";
import { expectSameWithinRounding } from "./rounding.ts";

const w = drawLike({ shape: [3, 3], dtype: "f32" }, drawing(7));
const x = drawLike({ shape: [2, 3], dtype: "f32" }, drawing(8));
const net = (at: Tensor): Tensor => softmax(matmul(tanh(matmul(at, w)), w));
const two = (inside: (x: Tensor) => Tensor) => (at: Tensor) => tanh(add(inside(at), inside(mul(at, 2))));
const dW = (f: (x: Tensor) => Tensor): Tensor => gradients(sum(square(f(x))), [w])[0]!;
const bits = (tensors: readonly Tensor[]): unknown => interpret(f32Algebra, tensors).map(({ planes }) => planes[0]!);

/** Value and gradients bit for bit, second derivatives within rounding: their cotangents are added in another order. */
function expectSame(f: (x: Tensor) => Tensor, g: (x: Tensor) => Tensor, ins: readonly Tensor[] = [x]): void {
  const all = (h: (x: Tensor) => Tensor): { first: Tensor[]; second: Tensor[] } => {
    const y = h(x);
    const first = gradients(sum(square(y)), ins);
    return { first: [y, ...first], second: gradients(first.map((dX) => sum(sin(dX))).reduce(add), ins) };
  };
  const [plain, again] = [all(f), all(g)];
  expect(bits(again.first)).toEqual(bits(plain.first));
  plain.second.forEach((dX, i) => expectSameWithinRounding(again.second[i]!, dX));
}

describe("checkpoint(f) = f", () => {
  test("in value, gradient and second derivative", () => {
    expectSame(net, checkpoint(net));
  });

  test("for what f captures as well as for what it is given", () => {
    expectSame(net, checkpoint(net), [x, w]);
  });

  test("when checkpoints are nested", () => {
    expectSame(two(net), checkpoint(two(checkpoint(net))));
    // Two checkpoints share w: each adds up its own cotangents of w first, which rounds differently.
    expectSameWithinRounding(dW(checkpoint(two(checkpoint(net)))), dW(two(net)));
  });

  test("with a random draw inside: the same key draws the same mask again", () => {
    const key = random.key(3);
    const dropout = (at: Tensor): Tensor => {
      const kept = random.uniform(key, at.shape).less(0.5).cast("f32");
      return mul(exp(at), mul(kept, 2));
    };
    expectSame(dropout, checkpoint(dropout));
    expectSame(
      (at) => net(dropout(at)),
      checkpoint((at) => net(checkpoint(dropout)(at))),
      [x, w],
    );
  });

  test("with a hook, a stopGradient and a custom rule inside", () => {
    const doubled = customVjp(
      (at) => exp(at),
      (dY, _, y) => [mul(mul(dY, y), 2)],
    );
    const f = (at: Tensor): Tensor =>
      mul(
        hook(doubled(at), (dX) => mul(dX, 3)),
        stopGradient(sin(at)),
      );
    expectSame(f, checkpoint(f));
  });

  test("when f gives back its input, or something that does not depend on it", () => {
    expectSame(
      (at) => at,
      checkpoint((at) => at),
    );
    expectSame(
      () => exp(w),
      checkpoint(() => exp(w)),
      [x, w],
    );
  });

  test("with Variables inside", async () => {
    const scale = new Variable([1, 2, 3]);
    const f = (at: Tensor): Tensor => softmax(mul(at, scale));
    const results = async (g: (at: Tensor) => Tensor): Promise<unknown> => {
      const y = g(x);
      const [dX, dScale] = gradients(sum(square(y)), [x, scale]);
      return Promise.all([y.data(), dX!.data(), dScale!.data()]);
    };
    expect(await results(checkpoint(f))).toEqual(await results(f));
  });

  test("and its inside is computed twice: the backward pass keeps nothing but the inputs", () => {
    const y = checkpoint((at) => exp(exp(at)))(x);
    let [barriers, exps] = [0, 0];
    const seen = new Set<unknown>();
    const visit = (node: Tensor["node"]): void => {
      if (seen.has(node)) return;
      seen.add(node);
      if (node.primitive.name === "barrier") barriers++;
      if (node.primitive.name === "exp") exps++;
      node.inputs.forEach(visit);
    };
    gradients(sum(y), [x]).forEach((dX) => visit(dX.node));
    expect([barriers, exps]).toEqual([1, 2]);
  });
});
