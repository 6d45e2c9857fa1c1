import { describe, expect, it } from "vitest";
import { random, relu, step, tensor, trace, type Tensor } from "@steelyard/core";
import {
  Activation,
  AvgPool,
  Conv,
  evaluate,
  Flatten,
  GlobalAveragePool,
  initialise,
  inside,
  Linear,
} from "./index.ts";
import { MaxPool, Sequential, train, type Initialiser, type Mode } from "./index.ts";

const key = random.key(5);

async function statistics(
  draw: Initialiser,
  fan: { in: number; out: number },
): Promise<{ mean: number; variance: number; most: number }> {
  const values = [...(await draw(key, [200, 100], fan).data())];
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return { mean, variance, most: values.reduce((most, v) => Math.max(most, Math.abs(v)), 0) };
}

describe("initialisers", () => {
  const fan = { in: 200, out: 100 };
  // A normal draw cut at two deviations keeps 1 − 4φ(2)/(2Φ(2) − 1) = 0.7737 of its variance.
  const rows: [string, Initialiser, number, number][] = [
    ["xavierUniform", initialise.xavierUniform, 2 / 300, Math.sqrt(6 / 300)],
    ["xavierNormal", initialise.xavierNormal, 2 / 300, Infinity],
    ["heUniform", initialise.heUniform, 2 / 200, Math.sqrt(6 / 200)],
    ["heNormal", initialise.heNormal, 2 / 200, Infinity],
    ["truncatedNormal(0.1)", initialise.truncatedNormal(0.1), 0.01 * 0.7737, 0.2],
  ];
  it.each(rows)("%s has the mean, variance and bound it promises", async (_, draw, variance, bound) => {
    const seen = await statistics(draw, fan);
    // 20,000 draws: the mean deviates by √(variance/20,000), the variance by at most 1 %; five and four of these.
    expect(Math.abs(seen.mean)).toBeLessThan(5 * Math.sqrt(variance / 20_000));
    expect(Math.abs(seen.variance / variance - 1)).toBeLessThan(0.04);
    expect(seen.most).toBeLessThanOrEqual(bound * (1 + 1e-6));
  });

  it("draw the same numbers from the same key", async () => {
    const [a, b] = [initialise.heNormal(key, [5], fan), initialise.heNormal(key, [5], fan)];
    expect(await a.data()).toEqual(await b.data());
  });

  it("can be constant", async () => {
    expect(await initialise.constant(0.5)(key, [2], fan).array()).toEqual([0.5, 0.5]);
    expect(await initialise.zeros(key, [2], fan).array()).toEqual([0, 0]);
  });
});

describe("Linear", () => {
  it("is x·W + b", async () => {
    const layer = new Linear(2, 3, { key });
    layer.weight.assign(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    );
    layer.bias!.assign(tensor([10, 20, 30]));
    await step();
    expect(
      await layer
        .forward(
          tensor([
            [1, 1],
            [0, 2],
          ]),
        )
        .array(),
    ).toEqual([
      [15, 27, 39],
      [18, 30, 42],
    ]);
  });

  it("starts unbiased, and has no bias on request", async () => {
    expect(await new Linear(2, 3, { key }).bias!.value.array()).toEqual([0, 0, 0]);
    expect(new Linear(2, 3, { key, bias: false }).bias).toBeNull();
  });
});

describe("Conv", () => {
  it("is core's conv with filters of its own", async () => {
    const layer = new Conv(1, 1, { key, kernel: [2], stride: 2, initialise: initialise.constant(1) });
    layer.bias!.assign(tensor([100]));
    await step();
    expect(await layer.forward(tensor([[[1], [2], [3], [4]]])).array()).toEqual([[[103], [107]]]);
  });

  it("takes groups, and starts with the fan of one group", () => {
    const fans: object[] = [];
    const watch: Initialiser = (k, shape, fan) => (fans.push(fan), initialise.zeros(k, shape, fan));
    const layer = new Conv(4, 8, { key, kernel: 3, groups: 2, padding: "same", dilation: 2, initialise: watch });
    expect(layer.weight.shape).toEqual([3, 3, 2, 8]);
    expect(fans).toEqual([{ in: 18, out: 36 }]);
    expect(layer.forward(tensor(new Float32Array(64), { shape: [1, 4, 4, 4] })).shape).toEqual([1, 4, 4, 8]);
    expect(() => new Conv(4, 6, { key, kernel: 1, groups: 4 })).toThrow(
      "Conv: needs groups that divide 4 and 6 channels",
    );
  });
});

function branch(x: Tensor, mode: Mode): Tensor {
  return inside("face", mode, () => relu(x));
}

describe("Sequential", () => {
  const image = tensor(new Float32Array(2 * 8 * 8 * 3).fill(1), { shape: [2, 8, 8, 3] });
  const net = new Sequential({
    trunk: new Sequential([new Conv(3, 4, { key, kernel: 3 }), relu, new MaxPool({ window: 2 })]),
    blur: new AvgPool({ window: 2, stride: 1 }),
    act: new Activation(relu),
    pool: new GlobalAveragePool(),
    flat: new Flatten(),
    head: new Linear(4, 7, { key }),
  });

  it("chains modules and plain functions, with typed children", () => {
    expect(net.forward(image, evaluate).shape).toEqual([2, 7]);
    expect(net.children.trunk.children[0]).toBeInstanceOf(Conv);
  });

  it("labels every node with the path of its layer", () => {
    const paths = new Set(trace(net.forward(image, evaluate)).nodes.map(({ path }) => path));
    for (const path of ["trunk.0", "trunk.1", "trunk.2", "blur", "pool", "head"]) expect(paths).toContain(path);
  });

  it("lets a module of your own name its parts the same way", () => {
    const y = new Sequential({ branch }).forward(image, evaluate);
    expect(y.node.path).toBe("branch.face");
    const keys = ["a", "b"].map((name) => inside(name, train(key), (inner) => inner));
    expect(keys[0]).not.toEqual(keys[1]);
  });
});

describe("pooling over everything", () => {
  it("averages space and flattens the rest", async () => {
    const x = tensor([
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ]);
    expect(await new GlobalAveragePool().forward(x).array()).toEqual([[2, 3]]);
    expect(await new Flatten().forward(x).array()).toEqual([[1, 2, 3, 4]]);
    expect(() => new GlobalAveragePool().forward(tensor([[1]]))).toThrow(
      "globalAveragePool: needs x [N, ...spatial, C]",
    );
  });
});
