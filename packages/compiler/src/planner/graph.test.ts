import {
  checkpoint,
  customVjp,
  gradients,
  sum,
  tensor,
  type Primitive,
  type Program,
  type Tensor,
} from "@steelyard/core";
import { evaluate } from "@steelyard/core/testing";
import { describe, expect, test } from "vitest";
import { programOf } from "../../test/program-of.ts";
import { planned } from "../../test/planned.ts";
import { simulatedDevice } from "../testing/simulated-device.ts";
import { graphOf } from "./graph.ts";

const x = tensor([1, 2, 3]);
const namesIn = ({ instructions, ...rest }: Program): (string | undefined)[] =>
  graphOf({ instructions, ...rest }).values.map(({ instruction }) => instruction.primitive?.name ?? "input");

/** The memory of five blocks and their gradient. */
async function arenaOf(wrap: (block: (v: Tensor) => Tensor) => (v: Tensor) => Tensor): Promise<number> {
  const from = tensor(new Float32Array(256), { shape: [16, 16] });
  const inside = wrap((v) => {
    const m = v.exp();
    return m.mul(sum(m, [1], { keepDims: true }));
  });
  let h = from;
  for (let i = 0; i < 5; i++) h = inside(h);
  return (await planned(gradients(sum(h.sin()), [from]))).arena;
}

/** Adds 1. */
const own = (name: string): Primitive => ({
  name,
  infer: ([spec]) => spec!,
  forward: ({ ins: [from], out }) => out.planes[0]!.set(from!.planes[0]!.map((v) => v + 1)),
  vjp: (dy) => [dy],
  samples: [],
});

describe("the values of a program", () => {
  test("are one for equal instructions, and know each place where they are read", async () => {
    const { values, outputs } = graphOf(await programOf([x.exp().add(x.exp()), x.exp().neg()]));
    expect(values.map(({ instruction }) => instruction.label)).toEqual(["constant", "exp", "add", "neg"]);
    expect(values[1]!.users.map(({ kind, index }) => [kind, index])).toEqual(
      [outputs[0], outputs[0], outputs[1]].map((user) => ["map", user!.index]),
    );
  });

  test("are two where shapes, attributes or dtypes differ", async () => {
    const roots = [x.sum([0]), x.sum([0], { keepDims: true }), x.cast("i32"), x.cast("u32"), x.slice([0], [2])];
    const names = namesIn(await programOf([...roots, x.slice([1], [2])]));
    expect(names).toEqual(["input", "sum", "reshape", "cast", "cast", "slice", "slice"]);
  });

  test("are not what nobody needs, nor what only carries a rule", async () => {
    const clipped = customVjp(
      (v) => v.neg(),
      (dy) => [dy],
    );
    expect(namesIn(await programOf([clipped(x)]))).toEqual(["input", "neg"]);
  });
});

describe("a checkpoint's barrier", () => {
  test("keeps equal instructions on its two sides apart", async () => {
    const y = sum(checkpoint((v) => v.exp().square())(x));
    expect(namesIn(await programOf([y, ...gradients(y, [x])])).filter((name) => name === "exp")).toHaveLength(2);
  });

  test("is no user of what it waits for: only of what it lets through", async () => {
    const y = sum(checkpoint((v) => v.exp())(x));
    const { values } = graphOf(await programOf(gradients(y, [x])));
    const barriers = values.filter(({ instruction }) => instruction.primitive?.name === "barrier");
    expect(barriers.map(({ inputs }) => inputs.length)).toEqual([1]);
  });

  test("lets nothing behind it start early: checkpoints save memory", async () => {
    const [whole, again] = [await arenaOf((f) => f), await arenaOf(checkpoint)];
    expect(again).toBeLessThan(0.9 * whole);
  });
});

describe("a primitive of the user's own", () => {
  test.each(["odd", "relu", "sum"])("runs on the host by its own forward, though it is called %s", async (name) => {
    const roots = [x.neg(), x.neg().exp()];
    const { instructions, ...rest } = await programOf(roots);
    const mine = own(name);
    const program = {
      ...rest,
      instructions: instructions.map((each) => (each.primitive?.name === "neg" ? { ...each, primitive: mine } : each)),
    };
    // Two of them: who knows what it does.
    expect(graphOf(program).values.map(({ kind }) => kind)).toEqual(["input", "host", "host", "map"]);
    const device = simulatedDevice({ columns: 8, panels: true });
    const [first] = await evaluate({ ...device, compile: () => device.compile(program) }, roots);
    expect([...first!]).toEqual([2, 3, 4]);
  });
});
