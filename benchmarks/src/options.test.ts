import { join } from "node:path";
import { execFile } from "node:child_process";
import { describe, expect, test } from "vitest";
import { argumentsOf } from "./command-line.ts";
import { benchmarkOf, requireSomething, wantedBy } from "./options.ts";

const usage = (line: string) => expect.objectContaining({ code: "UsageError", message: line });

const named =
  (...positionals: string[]) =>
  () =>
    benchmarkOf({ ...argumentsOf([]), positionals });

describe("the command line", () => {
  test("names a benchmark, an effort, a part and a file", () => {
    const options = argumentsOf(["cpu", "--quick", "--only", "wasm", "--without", "jax-js", "--without", "tfjs cpu"]);
    const without = ["jax-js", "tfjs cpu"];
    expect(options).toEqual({ help: false, quick: true, only: "wasm", without, json: null, positionals: ["cpu"] });
    expect(benchmarkOf(options)).toBe("cpu");
  });

  // prettier-ignore
  test.each([
    [["--fast"], "bench: needs [cpu | webgpu | interpreter] [--quick] [--only TEXT] [--without TEXT] [--json FILE], got Unknown option '--fast'"],
    [["--json"], "bench: needs [cpu | webgpu | interpreter] [--quick] [--only TEXT] [--without TEXT] [--json FILE], got Option '--json <value>' argument missing"],
    [["--json", "no/such/place.json"], "bench: needs a file to write to after --json, got ENOENT: no such file or directory, open 'no/such/place.json'"],
  ])("refuses %j in one line", (args, line) => {
    expect(() => argumentsOf(args)).toThrow(usage(line));
  });

  test("refuses two benchmarks, and one that there is not", () => {
    expect(named("gpu")).toThrow(usage("bench: needs cpu, webgpu or interpreter, got gpu"));
    expect(named("cpu", "interpreter")).toThrow(usage("bench: needs cpu, webgpu or interpreter, got cpu interpreter"));
  });

  test("leaves nobody out of the interpreter's benchmark, which has no peers", () => {
    const asked = argumentsOf(["interpreter", "--without", "tfjs"]);
    expect(() => benchmarkOf(asked)).toThrow(
      usage("bench: needs cpu or webgpu, to leave somebody out, got interpreter"),
    );
  });

  test("takes as --only a part of a work, an implementation or a device", () => {
    const wanted = wantedBy("wasm", []);
    expect(wanted({ name: "matmul 256" }, { impl: "tfjs", device: "wasm" })).toBe(true);
    expect(wanted({ name: "matmul 256" }, { impl: "tfjs", device: "cpu" })).toBe(false);
    expect(() => requireSomething("webgpu", "small kernels")).not.toThrow();
    expect(() => requireSomething("webgpu", "wasm")).toThrow(/^bench: needs --only with a part of 64→64 3×3 56², /);
    for (const text of ["3×3 56²", "jax", "128-bit", "empty process"]) {
      expect(() => requireSomething("cpu", text)).not.toThrow();
    }
    expect(() => requireSomething("cpu", "conv9")).toThrow(
      /^bench: needs --only with a part of 64→64 3×3 56², .*, got conv9$/,
    );
  });

  test("leaves out what --without names, by implementation and device", () => {
    const wanted = wantedBy("", ["jax-js", "tfjs cpu"]);
    const on = (impl: string, device: string): boolean => wanted({ name: "matmul 256" }, { impl, device });
    expect([on("jax-js", "wasm"), on("tfjs", "cpu"), on("tfjs", "wasm"), on("steelyard", "cpu")]).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test("answers a wrong --only before it starts anything", async () => {
    const main = join(import.meta.dirname, "../main.ts");
    const answer = await new Promise<{ code: unknown; said: string }>((resolve) =>
      execFile(process.execPath, [main, "cpu", "--only", "conv9"], (error, _, said) =>
        resolve({ code: error?.code, said }),
      ),
    );
    expect(answer).toEqual({
      code: 2,
      said: expect.stringMatching(/^bench: needs --only with a part of .*, got conv9\n$/),
    });
  });
});
