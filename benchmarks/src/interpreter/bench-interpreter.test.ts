import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { benchInterpreter, type Row } from "./bench-interpreter.ts";
import { argumentsOf } from "../command-line.ts";
import { benchmarkOf } from "../options.ts";
import { worksOf } from "./options.ts";
import { resultsOf } from "./results.ts";
import { timingsTable } from "./table.ts";
import { convWork, interpreterWork } from "./work.ts";

// Nothing here asserts a wall time: how fast a machine is says nothing of whether the code is right.

const timing = { runs: 3, ms: 2, gflops: 12.345, bestMs: 1.5, bestGflops: 13 };
const row: Row = {
  work: "64→64 3×3 56²",
  pass: "forward",
  flops: 1e6,
  before: timing,
  after: { ...timing, gflops: 4 },
};

describe("the benchmark of the interpreter", () => {
  test("measures every piece of work before and after the other algebras, and says so as it goes", async () => {
    const works = convWork({ name: "tiny", batch: 1, size: 4, channels: 2, filters: 4 });
    const said: string[] = [];
    const few = { runs: 2, time: 1 };
    const effort = { warmup: few, measured: few, rounds: 1 };
    const measured = await benchInterpreter(works, effort, (line) => said.push(line));
    expect(measured.rows.map(({ work, pass }) => [work, pass])).toEqual([
      ["tiny", "forward"],
      ["tiny", "gradInput"],
      ["tiny", "gradFilter"],
    ]);
    for (const { before, after } of measured.rows) {
      for (const { runs, ms, bestMs, gflops, bestGflops } of [before, after]) {
        expect(Math.min(runs, ms, bestMs, gflops, bestGflops)).toBeGreaterThan(0);
        expect(bestMs).toBeLessThanOrEqual(ms);
      }
    }
    expect(said.map((line) => line.replace(/[\d.]+ GFLOP/, "… GFLOP"))).toEqual([
      "tiny forward, before other algebras: … GFLOP/s",
      "tiny gradInput, before other algebras: … GFLOP/s",
      "tiny gradFilter, before other algebras: … GFLOP/s",
      "f64, dual and hyper-dual numbers",
      "tiny forward, after other algebras: … GFLOP/s",
      "tiny gradInput, after other algebras: … GFLOP/s",
      "tiny gradFilter, after other algebras: … GFLOP/s",
    ]);
  });

  test("counts the multiply-adds there are: taps in the padding are none", () => {
    // 4 × 4 outputs under 3 × 3 taps, same padding: 4 corners see 4 taps, 8 edges 6, 4 inner places 9.
    const [{ flops } = { flops: 0 }] = convWork({ name: "tiny", batch: 2, size: 4, channels: 3, filters: 5 });
    expect(flops).toBe(2 * 2 * (4 * 4 + 8 * 6 + 4 * 9) * 3 * 5);
  });

  test("gives each piece of work a name and pass of its own", () => {
    const names = interpreterWork().map(({ name, pass }) => `${name} ${pass}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("what it prints and writes", () => {
  test("is a Markdown table whose columns line up", () => {
    expect(timingsTable([row, { ...row, work: "matmul 256", after: timing }])).toMatchInlineSnapshot(`
      "| work          | pass    | ms before | ms after | GFLOP/s before | GFLOP/s after | best before | best after |
      | ------------- | ------- | --------: | -------: | -------------: | ------------: | ----------: | ---------: |
      | 64→64 3×3 56² | forward |      2.00 |     2.00 |          12.35 |          4.00 |       13.00 |      13.00 |
      | matmul 256    | forward |      2.00 |     2.00 |          12.35 |         12.35 |       13.00 |      13.00 |"
    `);
  });

  test("names the machine's parts, and neither the machine nor its user", () => {
    const results = resultsOf({ rows: [row], peak: 20, load: [1, 1] });
    expect(Object.keys(results)).toEqual(["date", "commit", "machine", "rows", "peak", "load"]);
    expect(Object.keys(results.machine)).toEqual(["cpu", "cores", "memoryGiB", "node"]);
    expect(JSON.stringify(results)).not.toContain(join(import.meta.dirname, "../../.."));
  });
});

describe("the command line", () => {
  test("takes all work unless told otherwise", () => {
    expect(worksOf({ only: "" })).toHaveLength(interpreterWork().length);
    expect(worksOf({ only: "matmul" }).map(({ name }) => name)).toEqual(["matmul 256"]);
    expect(argumentsOf([])).toEqual({ help: false, quick: false, only: "", without: [], json: null, positionals: [] });
    expect(benchmarkOf(argumentsOf([]))).toBe("interpreter");
  });

  test("refuses work that there is not", () => {
    const line =
      "bench: needs --only with a part of 64→64 3×3 56², 128→128 3×3 28², 16→32 3×3 16² ×8, matmul 256, got conv9";
    expect(() => worksOf({ only: "conv9" })).toThrow(expect.objectContaining({ code: "UsageError", message: line }));
  });

  test("answers bad input on standard error, with exit code 2", async () => {
    const main = join(import.meta.dirname, "../../main.ts");
    const answer = await new Promise((resolve) =>
      execFile(process.execPath, [main, "kernels"], (error, out, said) => resolve({ code: error?.code, out, said })),
    );
    expect(answer).toEqual({ code: 2, out: "", said: "bench: needs cpu, webgpu or interpreter, got kernels\n" });
  });
});
