import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import {
  detectAnomaly,
  print,
  setDebug,
  step,
  tensor,
  trace,
  Variable,
  where,
  withPath,
  gradients,
} from "../src/index.ts";

afterEach(() => setDebug({}));

/** The sum of exp(log(x)), from a named module. */
const expOfLog = (x: number[]): Promise<number> => withPath("head.norm", () => tensor(x).log().exp().sum()).item();
const scores = (): ReturnType<typeof tensor> => tensor([1, 2]);
/** NaN for a label that is none, as a loss may have it. */
const guarded = (label: number): Promise<unknown> =>
  detectAnomaly(() => where(tensor(label).less(2), scores(), NaN).sum().item());
const siteOfExp = (): string | null => trace(tensor([1]).exp()).nodes[1]!.site;

describe("lesson 8: looking closer", () => {
  it("names the operation and the line that first made a non-finite value", async () => {
    const failure = detectAnomaly(() => expOfLog([1, 0]));
    await expect(failure).rejects.toMatchObject({ code: "NonFinite" });
    await expect(failure).rejects.toThrow(
      /log in head\.norm: needs finite values, got -Infinity at flat index 1[^]*created at packages\/core\/test\/debug\.test\.ts:19/,
    );
    expect(await expOfLog([1, 0])).toBe(1);
  });

  it("takes infinities and NaNs that were written as meant, until one is chosen", async () => {
    const mask = tensor([1, 0], { dtype: "bool" });
    expect(await detectAnomaly(() => scores().logSumExp().isFinite().array())).toBe(1);
    expect(await detectAnomaly(() => where(mask, scores(), -Infinity).softmax().array())).toEqual([1, 0]);
    expect(
      await detectAnomaly(() =>
        scores()
          .add(tensor([0, -Infinity]))
          .softmax()
          .array(),
      ),
    ).toEqual([1, 0]);
    expect(await guarded(1)).toBe(3);
    await expect(guarded(2)).rejects.toThrow(/where: needs finite values, got NaN/);
    await expect(detectAnomaly(() => scores().mul(-Infinity).softmax().data())).rejects.toThrow(/sub: .*got NaN/);
  });

  it("names data and Variables that hold a NaN, not the operation that reads them", async () => {
    const w = new Variable([1, NaN], { name: "w" });
    await expect(detectAnomaly(() => tensor([1, NaN]).mul(2).data())).rejects.toThrow(/^constant: [^]*given so/);
    await expect(detectAnomaly(() => w.value.mul(2).data())).rejects.toThrow(/^w: [^]*given so/);
    await expect(detectAnomaly(() => tensor([1e30]).square().data())).rejects.toThrow(/^square: .*got Infinity/);
  });

  it("names for a gradient the line of the operation whose gradient it is", async () => {
    const failure = detectAnomaly(() => {
      const x = tensor([0]);
      const root = x.sqrt(); // the line to be named
      const [dX] = gradients(root.sum(), [x]);
      return dX!.data();
    });
    const text = readFileSync(import.meta.filename, "utf8").split("\n");
    const line = text.findIndex((each) => each.endsWith("// the line to be named")) + 1;
    await expect(failure).rejects.toThrow(
      new RegExp(`div: .*got Infinity[^]*debug\\.test\\.ts:${line} \\(its gradient\\)`),
    );
  });

  it("leaves Variables as they were when it stops a step", async () => {
    const w = new Variable([1], { name: "w" });
    w.assign(w.value.div(0));
    await expect(detectAnomaly(() => step())).rejects.toMatchObject({ code: "NonFinite" });
    expect(await w.value.array()).toEqual([1]);
  });

  it("keeps every value when eager, and gives the same numbers", async () => {
    setDebug({ eager: true });
    const hidden = tensor([0, 1]).exp();
    const w = new Variable([1, 1], { name: "w" });
    w.assign(w.value.add(hidden));
    await step();
    setDebug({});
    expect(hidden.node.known).toBe(true);
    expect((await w.value.data())[0]).toBe(2);
  });
});

describe("lesson 2: the graph can be read", () => {
  const w = new Variable([2], { name: "w" });
  const build = (): [ReturnType<typeof tensor>, ReturnType<typeof tensor>] => {
    const y = withPath("square", () => w.value.mul(w).sum());
    return [y, gradients(y, [w])[0]!];
  };

  it("prints forward and backward graph as text", () => {
    expect(print(...build())).toMatchInlineSnapshot(`
      "%0 = parameter(w version 0) f32[1]  # square
      %1 = mul(%0, %0) f32[1]  # square
      %2 = sum(%1, axes: [0]) f32[]  # square
      %3 = fill(1) f32[]
      %4 = reshape(%3) f32[1]  # square
      %5 = mul(%4, %0) f32[1]  # square
      %6 = mul(%4, %0) f32[1]  # square
      %7 = add(%5, %6) f32[1]  # square
      return %2, %7"
    `);
  });

  it("gives the graph as JSON and DOT", () => {
    const graph = trace(...build());
    const { nodes, outputs } = JSON.parse(JSON.stringify(graph)) as ReturnType<typeof graph.toJSON>;
    expect(outputs).toHaveLength(2);
    nodes.forEach(({ id, inputs }) => inputs.forEach((input) => expect(input).toBeLessThan(id)));
    expect(graph.toDot()).toContain("digraph steelyard");
    expect(graph.toDot().match(/->/g)).toHaveLength(nodes.flatMap(({ inputs }) => inputs).length);
  });

  it("remembers source lines under debug only", () => {
    expect(siteOfExp()).toBeNull();
    setDebug({ debug: true });
    expect(siteOfExp()).toMatch(/debug\.test\.ts:\d+$/);
  });
});
