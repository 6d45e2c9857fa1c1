import {
  conv,
  gradients,
  matmul,
  maxPool,
  mean,
  sin,
  softmax,
  sum,
  tensor,
  type HostArray,
  type Tensor,
} from "@steelyard/core";
import { drawing, drawInput, evaluate, randomGraph } from "@steelyard/core/testing";
import { afterAll, describe, expect, test } from "vitest";
import { cpu } from "../src/index.ts";

const draw = drawing(5);
const real = (...shape: number[]): Tensor => drawInput({ shape }, draw);

// Large enough that every kernel has chunks for several threads.
const [x, f, g, w] = [real(4, 20, 18, 16), real(3, 3, 16, 24), real(3, 3, 24, 16), real(16, 37)];
const [a, b, many] = [real(130, 70), real(70, 93), real(300_000)];

/** Real numbers, in sums long enough that their order shows in the last bits. */
function work(): Tensor[] {
  const y = maxPool(conv(x, f, { padding: "same" }).relu(), { window: 2 });
  const z = matmul(mean(conv(y, g, { padding: [[1, 0], [2, 1]], stride: 2 }), [1, 2]), w); // prettier-ignore
  const loss = sum(softmax(z).mul(sin(z)));
  return [
    z,
    ...gradients(loss, [x, f, g, w]),
    matmul(a, b),
    sum(many),
    sum(many.exp()),
    mean(many.reshape([3, -1]), 0),
  ];
}

const graphs = Array.from({ length: 20 }, (_, seed) => randomGraph(seed, { smooth: true, depth: 12 })).map(
  ({ inputs, output }) => [output, ...gradients(sum(output), inputs)],
);

async function bitsOn(options: Parameters<typeof cpu>[0]): Promise<string[]> {
  const device = cpu(options);
  try {
    const results: HostArray[] = [];
    // More than once: chunks go to other threads each time.
    for (let run = 0; run < 2; run++) results.push(...(await evaluate(device, work())));
    for (const roots of graphs) results.push(...(await evaluate(device, roots)));
    return results.map((values) => Buffer.from(values.buffer).toString("base64"));
  } finally {
    await device.close();
  }
}

describe("bits never depend on the number of threads", () => {
  test.each([{ deterministic: false }, { deterministic: true }])("with %o", async (options) => {
    const one = await bitsOn({ ...options, threads: 1 });
    for (const threads of [2, 3]) {
      const other = await bitsOn({ ...options, threads });
      expect(other.findIndex((bits, i) => bits !== one[i])).toBe(-1);
    }
  });
});

/** The sum of products one after the other, each step rounded to f32. */
function plainSum(terms: readonly (readonly [number, number])[]): number {
  return terms.reduce((total, [p, q]) => Math.fround(total + Math.fround(p * q)), 0);
}

const numbers = ({ node }: Tensor): HostArray => (node.slot?.kind === "data" ? node.slot.data : new Float32Array());

describe("deterministic results are those of plain arithmetic, one product after the other", () => {
  const device = cpu({ threads: 2, deterministic: true });
  afterAll(() => device.close());

  test("in a matrix product", async () => {
    const [got] = await evaluate(device, [matmul(a, b)]);
    const [left, right] = [numbers(a), numbers(b)];
    const wanted = Float32Array.from({ length: 130 * 93 }, (_, at) => {
      const [i, j] = [Math.floor(at / 93), at % 93];
      return plainSum(Array.from({ length: 70 }, (__, k) => [left[70 * i + k]!, right[93 * k + j]!] as const));
    });
    expect(got).toEqual(wanted);
  });

  test("in a convolution", async () => {
    const image = real(2, 9, 8, 5);
    const filters = real(3, 3, 5, 12);
    const [got] = await evaluate(device, [conv(image, filters)]);
    const [from, taps] = [numbers(image), numbers(filters)];
    const wanted = Float32Array.from({ length: 2 * 7 * 6 * 12 }, (_, at) => {
      const [n, i, j, o] = [Math.floor(at / 504), Math.floor(at / 72) % 7, Math.floor(at / 12) % 6, at % 12];
      return plainSum(
        Array.from({ length: 45 }, (__, k) => {
          const [p, q, c] = [Math.floor(k / 15), Math.floor(k / 5) % 3, k % 5];
          return [from[((n * 9 + i + p) * 8 + j + q) * 5 + c]!, taps[k * 12 + o]!] as const;
        }),
      );
    });
    expect(got).toEqual(wanted);
  });

  test("without fused multiply-add", async () => {
    // (1 + ε)² − (1 + 2ε) is ε² when the product is not rounded before the difference, and 0 when it is.
    const e = 2 ** -12;
    const rows = tensor(Array.from({ length: 16 }, () => [1 + e, -1]));
    const columns = tensor([1 + e, 1 + 2 * e].map((value) => new Array<number>(16).fill(value)));
    const [got] = await evaluate(device, [matmul(rows, columns)]);
    expect(got).toEqual(new Float32Array(256));
  });
});
