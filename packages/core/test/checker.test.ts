import { describe, expect, test } from "vitest";
import {
  broadcastTo,
  cos,
  customVjp,
  interpret,
  hyperDualAlgebra,
  isFloat,
  mul,
  neg,
  registry,
  reshape,
  sin,
  square,
  stopGradient,
  sub,
  sum,
  transpose,
  zeros,
  type Attrs,
  type Primitive,
  type RuleContext,
  type Sample,
  type Tensor,
} from "../src/index.ts";
import { sumPrimitive } from "../src/primitives/broadcast-sum.ts";
import { castPrimitive } from "../src/primitives/cast.ts";
import { dot, dotPrimitive } from "../src/primitives/dot.ts";
import { gatherPrimitive } from "../src/primitives/gather-scatter.ts";
import { apply } from "../src/tensor.ts";
import { checkPrimitive, drawing, drawInput, drawLike, type Draw } from "../src/testing/index.ts";
import { numbers } from "./rounding.ts";

const named = (name: string): Primitive => registry.find((primitive) => primitive.name === name)!;
const [tanh, sine, squared, flip] = ["tanh", "sin", "square", "flip"].map(named) as [
  Primitive,
  Primitive,
  Primitive,
  Primitive,
];

/** Checks a primitive with parts of it replaced by wrong ones, on its first sample unless another is given. */
function check<A extends Attrs>(primitive: Primitive<A>, wrong: Partial<Primitive<A>>, sample?: Sample<A>): () => void {
  return () => checkPrimitive({ ...primitive, ...wrong }, sample ?? primitive.samples[0]!, { seed: 5 });
}

/** The first sample's inputs and output. */
function drawn(primitive: Primitive, draw: Draw): RuleContext {
  const { ins: inputs, attrs } = primitive.samples[0]!;
  const ins = inputs.map((each) => drawInput(each, draw));
  return { ins, out: apply(primitive, ins, attrs), attrs };
}

/** Whether the rule gives this input a cotangent. */
function carriesGradient(primitive: Primitive, input: number): boolean {
  const draw = drawing(1);
  const context = drawn(primitive, draw);
  if (!isFloat(context.out.dtype)) return false;
  return (primitive.vjp(drawLike(context.out, draw), context)[input] ?? null) !== null;
}

/** Whether hyper-dual numbers see a second derivative. */
function hasCurvature(primitive: Primitive): boolean {
  const draw = drawing(1);
  const { ins, out } = drawn(primitive, draw);
  const directions = (x: Tensor): number[][] => [1, 2].map(() => numbers(drawLike(x, draw)));
  const seeds = new Map(ins.filter((x) => isFloat(x.dtype)).map((x) => [x, directions(x)]));
  return interpret(hyperDualAlgebra, [out], seeds)[0]!.planes[3]!.some((curvature) => curvature !== 0);
}

const still = (x: Tensor): Tensor => (isFloat(x.dtype) ? stopGradient(x) : x);
const swapped = (x: Tensor): Tensor => transpose(x, [0, 2, 1]);

test("the checker, fed right rules, is content", () => {
  for (const primitive of [tanh, sine, squared, flip]) expect(check(primitive, {})).not.toThrow();
  expect(check(dotPrimitive, {})).not.toThrow();
  expect(check(gatherPrimitive, {})).not.toThrow();
  expect(check(castPrimitive, {})).not.toThrow();
});

describe("the checker, fed wrong rules, rejects them and names primitive and input", () => {
  test("a slope that is wrong: tanh without the square", () => {
    const wrong = { vjp: ((dY, { out }) => [mul(dY, sub(1, out))]) satisfies Primitive["vjp"] };
    expect(check(tanh, wrong)).toThrow(/^tanh, input 0: the first derivative is .* instead of/);
  });

  test("a scale that is off: a sum whose gradient is twice too large", () => {
    const wrong: Partial<typeof sumPrimitive> = {
      vjp: (dY, { ins: [x] }) => [mul(broadcastTo(reshape(dY, [1]), x!.shape), 2)],
    };
    expect(check(sumPrimitive, wrong)).toThrow(/^sum, input 0: the rule is not the adjoint: on whole numbers/);
  });

  test("a transposed cotangent, whose shape happens to fit", () => {
    const wrong: Partial<typeof dotPrimitive> = {
      vjp: (dC, { ins: [a, b] }) => [dot(dC, swapped(b!)), dot(swapped(a!), swapped(dC))],
    };
    const threeByThree = { ins: [{ shape: [1, 3, 3] }, { shape: [1, 3, 3] }], attrs: {} };
    expect(check(dotPrimitive, wrong, threeByThree)).toThrow(/^dot, input 1: the rule is not the adjoint/);
    // Were it not declared linear, it would still fall to the oracle.
    const undeclared = { ...wrong, linearIn: [] };
    expect(check(dotPrimitive, undeclared, threeByThree)).toThrow(/^dot, input 1: the first derivative/);
  });

  test("cotangents that are exchanged", () => {
    expect(check(named("sub"), { vjp: (dY) => [neg(dY), dY] })).toThrow(/^sub, input 0: the first derivative/);
  });

  test("a wrong shape", () => {
    const message = /^tanh, input 0: the cotangent is f32\[\], its value is f32\[7\]/;
    expect(check(tanh, { vjp: (dY) => [sum(dY)] })).toThrow(message);
  });

  test("a wrong dtype: a cast that does not cast back", () => {
    const message = /^cast, input 0: the cotangent is f16\[5\], its value is f32\[5\]/;
    expect(check(castPrimitive, { vjp: (dY) => [dY], linearIn: [] })).toThrow(message);
  });

  test("the wrong number of cotangents", () => {
    expect(check(tanh, { vjp: () => [] })).toThrow(/^tanh: the rule gives 0 cotangents for 1 inputs/);
  });

  test("a gradient for integers", () => {
    const wrong: Partial<typeof gatherPrimitive> = {
      vjp: (dY, ctx) => [gatherPrimitive.vjp(dY, ctx)[0]!, zeros(ctx.ins[1]!.shape)],
    };
    expect(check(gatherPrimitive, wrong)).toThrow(/^gather, input 1: the rule gives a cotangent to i32/);
  });

  test("null where there is a derivative", () => {
    expect(check(tanh, { vjp: () => [null] })).toThrow(/^tanh, input 0: the rule gives null, but dual numbers/);
  });

  test("a primitive that is declared linear and is not", () => {
    expect(check(squared, { linearIn: [0] })).toThrow(/^square, input 0: it is declared linear, but f\(x₁ \+ x₂\)/);
    expect(check(tanh, { linearIn: [0] })).toThrow(/^tanh, input 0: whole numbers came out rounded in f32/);
  });

  test("a rule that is right in the first order and wrong in the second", () => {
    const wrong: Partial<Primitive> = { vjp: (dY, { out }) => [mul(dY, stopGradient(sub(1, square(out))))] };
    expect(check(tanh, wrong)).toThrow(/^tanh, input 0: the second derivative with input 0/);
  });

  test("a rule that is right in the second order and wrong in the third", () => {
    const frozenSlope = customVjp(cos, (d, [x]) => [neg(mul(d, stopGradient(sin(x!))))]);
    const wrong: Partial<Primitive> = { vjp: (dY, { ins: [x] }) => [mul(dY, frozenSlope(x!))] };
    expect(check(sine, wrong)).toThrow(/^sin, input 0: the third derivative/);
  });

  test("a rule in which the cotangent is a constant", () => {
    const wrong: Partial<Primitive> = { vjp: (dY, { ins: [x] }) => [mul(stopGradient(dY), mul(x!, 2))] };
    expect(check(squared, wrong)).toThrow(/^square, input 0: jvp, the vjp of the vjp, is 0 instead of/);
  });
});

const differentiable = registry.flatMap((primitive) =>
  (primitive.samples[0]?.ins ?? []).flatMap((_, input) =>
    carriesGradient(primitive, input) ? [{ primitive, input }] : [],
  ),
);

describe("a millionth too much is rejected in every rule of the registry", () => {
  test.each(differentiable)("$primitive.name, input $input", ({ primitive, input }) => {
    const wrong: Partial<Primitive> = {
      vjp: (dY, ctx) => primitive.vjp(dY, ctx).map((dX, i) => (i === input && dX !== null ? mul(dX, 1 + 2e-6) : dX)),
    };
    expect(check(primitive, wrong)).toThrow(new RegExp(`^${primitive.name}, input ${input}: `));
  });
});

describe("a rule that holds its own factors still is rejected in every primitive that has a curvature", () => {
  const curved = differentiable.filter(({ primitive, input }) => input === 0 && hasCurvature(primitive));

  test.each(curved)("$primitive.name", ({ primitive }) => {
    const wrong: Partial<Primitive> = {
      vjp: (dY, { ins, out, attrs }) => primitive.vjp(dY, { ins: ins.map(still), out: stopGradient(out), attrs }),
    };
    expect(check(primitive, wrong)).toThrow(new RegExp(`^${primitive.name}, input \\d: the second derivative`));
  });
});

describe("the checker, fed wrong forwards and shape rules, rejects them and names the primitive", () => {
  test("a forward that moves values and forgets what comes with them", () => {
    const wrong: Partial<Primitive> = {
      forward: ({ ins: [x], out }) => out.planes[0]!.set(x!.planes[0]!.toReversed()),
    };
    expect(check(flip, wrong)).toThrow(/^flip, input 0: the first derivative/);
  });

  test("a forward that reads beyond its input", () => {
    const wrong: Partial<Primitive> = {
      forward({ ins: [x], out }) {
        for (let i = 0; i < out.length; i++) out.planes[0]![i] = x!.planes[0]![i + 1]!;
      },
    };
    expect(check(named("floor"), wrong)).toThrow(/^floor: the value of element/);
  });

  test("a forward that is coarser than f32", () => {
    const wrong: Partial<Primitive> = {
      forward(args) {
        tanh.forward(args);
        if (args.algebra.name === "f32") args.out.planes[0]!.forEach((v, i, y) => (y[i] = Math.round(v * 1e4) / 1e4));
      },
    };
    expect(check(tanh, wrong)).toThrow(/^tanh: the value of element \d+ in f32 is/);
  });

  test("a rule that fails where an axis is empty", () => {
    const wrong: Partial<Primitive> = {
      vjp: (dY, ctx) => (dY.size === 0 ? [reshape(dY, [1])] : tanh.vjp(dY, ctx)),
    };
    expect(check(tanh, wrong)).toThrow(/reshape: needs a shape of 0 elements/);
  });

  test("a shape rule that breaks instead of refusing", () => {
    const wrong: Partial<Primitive> = {
      infer(ins, attrs) {
        if (ins[0]!.shape.includes(0)) throw new TypeError("undefined is not a shape");
        return tanh.infer(ins, attrs);
      },
    };
    expect(check(tanh, wrong)).toThrow(/undefined is not a shape/);
  });
});
