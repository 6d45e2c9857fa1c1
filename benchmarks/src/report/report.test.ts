import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { currentCommit, machine } from "../machine.ts";
import { htmlOf } from "./html.ts";
import { markdownOf } from "./markdown.ts";
import { goalsOf } from "./goals.ts";
import type { Row } from "./row.ts";

const row = (part: Partial<Row>): Row => ({
  work: "64→64 3×3 56²",
  pass: "forward",
  impl: "steelyard",
  device: "cpu",
  threads: 1,
  ms: 20,
  gflops: 92.5,
  peakShare: 0.8,
  error: null,
  ...part,
});
const failed = { ms: null, gflops: null, peakShare: null };
const copy = { work: "memory copy 4M", gflops: null, peakShare: null } as const;

const rows: readonly Row[] = [
  row({ device: "cpu direct" }),
  row({ device: "cpu direct", threads: 2, ms: 11, gflops: 168, peakShare: 0.73 }),
  row({ impl: "tfjs", device: "wasm", ms: 68.5, gflops: 27, peakShare: 0.47 }),
  row({ device: "cpu direct", pass: "gradFilter", ms: 40, gflops: 46.2, peakShare: 0.4 }),
  row({ pass: "gradFilter", impl: "tfjs", device: "wasm", ...failed, error: "no <kernel> & no hope" }),
  row({ ...copy, impl: "memory", device: "copy", ms: 3 }),
  row({ work: "elementwise ×10 4M", ms: 3.3, gflops: 12, peakShare: 0.1 }),
  row({ impl: "jax-js", device: "webgpu", ...failed, error: "no adapter" }),
  row({ pass: "gradFilter", impl: "jax-js", device: "webgpu", ...failed, error: "no adapter" }),
];
const results = {
  machine: { cpu: "Some CPU", cores: 2, memoryGiB: 24, node: "v24.0.0" },
  commit: "abc1234",
  rows,
};

describe("the tables", () => {
  test("have a line for each piece of work and a column for each implementation", () => {
    expect(markdownOf(results)).toMatchInlineSnapshot(`
      "# Benchmarks

      Some CPU, 2 cores, 24 GiB, Node 24.0.0, commit abc1234.

      ## Speed

      GFLOP/s of the median run, and the share of what a loop of nothing but FMAs reaches in the same process.

      | work               | pass       | steelyard cpu direct ×1 | steelyard cpu direct ×2 | tfjs wasm ×1 | steelyard cpu ×1 |
      | ------------------ | ---------- | ----------------------: | ----------------------: | -----------: | ---------------: |
      | 64→64 3×3 56²      | forward    |             92.5 (80 %) |              168 (73 %) |  27.0 (47 %) |                – |
      | 64→64 3×3 56²      | gradFilter |             46.2 (40 %) |                       – |            – |                – |
      | elementwise ×10 4M | forward    |                       – |                       – |            – |      12.0 (10 %) |

      ## Time

      Milliseconds of the median run.

      | work               | pass       | steelyard cpu direct ×1 | steelyard cpu direct ×2 | tfjs wasm ×1 | memory copy ×1 | steelyard cpu ×1 |
      | ------------------ | ---------- | ----------------------: | ----------------------: | -----------: | -------------: | ---------------: |
      | 64→64 3×3 56²      | forward    |                    20.0 |                    11.0 |         68.5 |              – |                – |
      | 64→64 3×3 56²      | gradFilter |                    40.0 |                       – |            – |              – |                – |
      | memory copy 4M     | forward    |                       – |                       – |            – |           3.00 |                – |
      | elementwise ×10 4M | forward    |                       – |                       – |            – |              – |             3.30 |

      ## Not measured

      Who could not do what, in their own words.

      | who              | why                   | what                       |
      | ---------------- | --------------------- | -------------------------- |
      | tfjs wasm ×1     | no <kernel> & no hope | 64→64 3×3 56² (gradFilter) |
      | jax-js webgpu ×1 | no adapter            | everything                 |

      ## Goals

      3 of 4 reached.

      | what                                              | needs                           |    got | reached |
      | ------------------------------------------------- | ------------------------------- | -----: | ------: |
      | 64→64 3×3 56² forward, steelyard cpu direct ×1    | ≥ 70 % of the peak              |   80 % |     yes |
      | 64→64 3×3 56² forward, steelyard cpu direct ×2    | ≥ 1.7 × steelyard cpu direct ×1 | 1.82 × |     yes |
      | 64→64 3×3 56² gradFilter, steelyard cpu direct ×1 | ≥ 60 % of the peak              |   40 % |      no |
      | elementwise ×10 4M forward, steelyard cpu ×1      | ≤ 1.3 × memory copy 4M          | 1.10 × |     yes |
      "
    `);
  });

  test("are a page of HTML too, which loads nothing and takes text as text", () => {
    const html = htmlOf(results);
    expect(html).toContain('<td>64→64 3×3 56²</td><td>forward</td><td class="figure">92.5 (80 %)</td>');
    expect(html).toContain("no &lt;kernel&gt; &amp; no hope");
    expect(html).not.toMatch(/src=|href=|@import|url\(/);
  });

  test("name the machine's parts, and neither the machine nor its user", () => {
    expect(Object.keys(machine())).toEqual(["cpu", "cores", "memoryGiB", "node"]);
    expect(JSON.stringify(machine())).not.toContain(join(import.meta.dirname, "../../.."));
    expect(currentCommit()).toMatch(/^([0-9a-f]{7,}|unknown)$/);
  });
});

const lines = (adapter: string, measured: readonly Row[]): string[] =>
  goalsOf({ ...results, adapter, rows: measured }).map(({ what, needs, got, reached }) => {
    return `${what}: ${needs}, ${got}, ${reached}`;
  });
const ofAll = (part: Partial<Row>, times: Readonly<Record<string, number>>): Row[] =>
  Object.entries(times).map(([impl, ms]) => row({ ...part, impl, device: "webgpu", ms }));

describe("the goals", () => {
  const net = { work: "reference net", pass: "step", peakShare: null } as const;

  test("compare with the fastest device of each peer, and with ours on fewer threads", () => {
    const goals = goalsOf({
      ...results,
      rows: [
        row({ ...net, ms: 300 }),
        row({ ...net, threads: 2, ms: 150 }),
        row({ ...net, impl: "tfjs", device: "webgpu", ms: 12_600 }),
        row({ ...net, impl: "tfjs", device: "wasm", ...failed, error: "cannot" }),
        row({ ...net, impl: "jax-js", device: "webgpu", ms: 1500 }),
        row({ ...net, impl: "pytorch", ms: 160 }),
        row({ work: "128→128 3×3 s2 28²", device: "cpu direct", gflops: 30 }),
        row({ work: "128→128 3×3 28²", device: "cpu direct", gflops: 90 }),
        row({ work: "empty step, 500 nodes", pass: "step", gflops: null, peakShare: null, ms: 2 }),
        row({ work: "empty process", impl: "node", device: "process", ms: 40 }),
        row({ work: "start to matmul 256", ms: 90 }),
        row({ ...net, work: "reference net, cold, 2 steps", threads: 2, ms: 3000, peakMiB: 500 }),
        row({ ...net, work: "reference net, cold, 2 steps", impl: "pytorch", ms: 2000, peakMiB: 300 }),
      ],
    });
    expect(goals.map(({ what, needs, got, reached }) => `${what}: ${needs}, ${got}, ${reached}`))
      .toMatchInlineSnapshot(`
        [
          "128→128 3×3 28² forward, steelyard cpu direct ×1: ≥ 70 % of the peak, 80 %, true",
          "128→128 3×3 s2 28² forward, steelyard cpu direct ×1: ≥ 50 % of 128→128 3×3 28², 33 %, false",
          "reference net step, steelyard cpu ×2: ≥ 35 × tfjs webgpu ×1, 84.0 ×, true",
          "reference net step, steelyard cpu ×2: ≥ 15 × jax-js webgpu ×1, 10.0 ×, false",
          "reference net step, steelyard cpu ×2: ≤ 1.3 × pytorch cpu ×1, 0.938 ×, true",
          "reference net, cold, 2 steps step, steelyard cpu ×2: ≤ 10000 ms, 3000 ms, true",
          "reference net, cold, 2 steps step, steelyard cpu ×2: ≤ 450 MiB, 500 MiB, false",
          "empty step, 500 nodes step, steelyard cpu ×1: ≤ 3 ms, 2.00 ms, true",
          "start to matmul 256 forward, steelyard cpu ×1: ≤ 2.5 × empty process, 2.25 ×, true",
        ]
      `);
  });

  test("compare WebGPU by the processor with peers on the same adapter", () => {
    const measured = [
      ...ofAll({}, { steelyard: 200, tfjs: 450, "jax-js": 300 }),
      ...ofAll({ pass: "all" }, { steelyard: 600, tfjs: 3000, "jax-js": 900 }),
      ...ofAll(net, { steelyard: 2500, tfjs: 12_500, "jax-js": 3000 }),
      ...ofAll({ ...net, work: "reference net, cold, 2 steps" }, { steelyard: 18_000 }),
      ...ofAll({ ...net, work: "1,000 small kernels" }, { steelyard: 22, bare: 20 }),
    ];
    expect(lines("llvmpipe (LLVM 15)", measured)).toMatchInlineSnapshot(`
      [
        "64→64 3×3 56² forward, steelyard webgpu ×1: ≥ 2 × tfjs webgpu ×1, 2.25 ×, true",
        "64→64 3×3 56² forward, steelyard webgpu ×1: ≥ 1.6 × jax-js webgpu ×1, 1.50 ×, false",
        "64→64 3×3 56² all, steelyard webgpu ×1: ≥ 4 × tfjs webgpu ×1, 5.00 ×, true",
        "64→64 3×3 56² all, steelyard webgpu ×1: ≥ 1.7 × jax-js webgpu ×1, 1.50 ×, false",
        "reference net step, steelyard webgpu ×1: ≥ 3.5 × tfjs webgpu ×1, 5.00 ×, true",
        "reference net step, steelyard webgpu ×1: ≥ 1.6 × jax-js webgpu ×1, 1.20 ×, false",
        "reference net, cold, 2 steps step, steelyard webgpu ×1: first ≤ 17500 ms, 15500 ms, true",
        "1,000 small kernels step, steelyard webgpu ×1: ≤ 1.2 × bare webgpu ×1, 1.10 ×, true",
      ]
    `);
  });

  test("want a share of what a GPU can do", () => {
    const measured = [
      ...ofAll({ work: "256→256 3×3 56² ×32", pass: "all", peakShare: 0.45 }, { steelyard: 13 }),
      ...ofAll(net, { steelyard: 5, tfjs: 20, "jax-js": 15 }),
    ];
    expect(lines("NVIDIA H100", measured)).toMatchInlineSnapshot(`
      [
        "256→256 3×3 56² ×32 all, steelyard webgpu ×1: ≥ 40 % of the peak, 45 %, true",
        "reference net step, steelyard webgpu ×1: ≥ 5 × tfjs webgpu ×1, 4.00 ×, false",
      ]
    `);
  });

  test("are left out where nothing was measured", () => {
    expect(goalsOf({ ...results, rows: [row({ ...failed, error: "cannot" })] })).toEqual([]);
  });
});
