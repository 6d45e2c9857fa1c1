import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { setTimeout as sleep } from "node:timers/promises";
import { planOf, type Plan } from "@steelyard/compiler";
import {
  interpreter,
  matmul,
  sum,
  tensor,
  type Device,
  type Program,
  type Storage,
  type Tensor,
} from "@steelyard/core";
import { evaluate } from "@steelyard/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { families } from "./contraction/families.ts";
import { cpu, type CpuDevice } from "./device.ts";
import { loadElements, storeElements } from "./elements.ts";
import { executableOf, type CpuStorage, type Machine } from "./executable.ts";
import { kernelCache } from "./kernels.ts";
import { deviceMemory } from "./runtime/memory.ts";
import { threadPool } from "./runtime/thread-pool.ts";

const numbers = (shape: readonly [number, number]): Tensor =>
  tensor(
    Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => (i % 13) - 6),
    { shape },
  );
const roots = (): Tensor[] => {
  const [a, b] = [numbers([37, 23]), numbers([23, 41])];
  const c = matmul(a, b).add(1).relu();
  return [c, sum(c, [0]), c.transpose().slice([3, 0], [20, 11]).flip(1)];
};

/** The program behind the roots, and the data of its slots. */
async function linearised(of: readonly Tensor[]): Promise<{ program: Program; data: Float32Array[] }> {
  const device = interpreter();
  const seen: Program[] = [];
  const data: Float32Array[] = [];
  const watched: Device = {
    ...device,
    compile(program) {
      seen.push(program);
      return device.compile(program);
    },
    upload(values, ...rest) {
      if (seen.length > 0) data.push(Float32Array.from(values));
      return device.upload(values, ...rest);
    },
  };
  await evaluate(watched, of);
  return { program: seen[0]!, data };
}

/** A machine in memory of its own, part of which is taken. */
function machine(taken: number): Machine {
  const memory = deviceMemory();
  memory.allocate(taken, "what lies before");
  const pool = threadPool(memory, { threads: 2 });
  return { memory, pool, kernels: kernelCache(pool), store: storageAt, free: () => undefined, profile: null };
}

function storageAt(address: number, { shape, dtype }: Pick<Storage, "shape" | "dtype">): CpuStorage {
  return { shape, dtype, address } as CpuStorage;
}

describe("a plan", () => {
  test.each(Object.values(families))(
    "computes the same above 2 GiB, where addresses are negative words, with tiles $name",
    async (family) => {
      const { program, data } = await linearised(roots());
      const plan = planOf(program, { columns: family.columns, panels: true });
      const results: unknown[] = [];
      for (const taken of [0, 2 ** 31 - 2 ** 17, 2 ** 31 + 2 ** 20]) {
        const parts = machine(taken);
        const { memory } = parts;
        const bindings = data.map((values) => {
          const address = memory.allocate(4 * values.length, "an input");
          storeElements(memory, "f32", address, values);
          return storageAt(address, { shape: [values.length], dtype: "f32" });
        });
        const outputs = await executableOf(program, plan, parts, family).run(bindings, new Set());
        results.push(
          outputs.map((storage, i) => {
            const { elements } = plan.buffers[plan.outputs[i]!]!;
            return loadElements(memory, "f32", (storage as CpuStorage).address, elements);
          }),
        );
        await parts.pool.close();
      }
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    },
  );
});

describe("what a plan holds of the device's memory", () => {
  let plans: Plan[];
  let device: CpuDevice;
  beforeEach(() => {
    plans = [];
    device = cpu({ threads: 1, limit: 2 ** 22, observe: (plan) => plans.push(plan) });
  });
  afterEach(() => device.close());
  const inUse = (): number => device.memory().inUse;

  test("is nothing if it could not be compiled", async () => {
    const { program } = await linearised(roots());
    // Kernels stay: the second time there are none to make.
    device.compile(program);
    // Room for the arguments, and for nothing else.
    const bytes = 4 * plans[0]!.commands.reduce((n, each) => n + (each.kind === "kernel" ? each.buffers.length : 0), 0);
    const hole = device.upload(new Float32Array(bytes / 4), [bytes / 4], "f32", "a hole");
    for (let size = 2 ** 20; size >= 16; size /= 2) {
      try {
        for (;;) device.upload(new Float32Array(size), [size], "f32", "all the rest");
      } catch {
        continue;
      }
    }
    device.free(hole);
    const before = inUse();
    for (let i = 0; i < 3; i++) {
      expect(() => device.compile(program)).toThrow(/programs: needs .* of device memory/u);
      expect(inUse()).toBe(before);
    }
  });

  test("is given back when nobody holds it any more", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const { program } = await linearised(roots());
    device.compile(program);
    collect();
    await sleep(10);
    const before = inUse();
    for (let i = 0; i < 50; i++) device.compile(program);
    expect(inUse()).toBeGreaterThan(before);
    for (let i = 0; i < 20 && inUse() > before; i++) {
      collect();
      await sleep(10);
    }
    expect(inUse()).toBeLessThanOrEqual(before);
  });

  test("is there for one run at a time", async () => {
    const { program, data } = await linearised([numbers([4, 4]).add(numbers([4, 4]).exp())]);
    const executable = device.compile(program);
    const bindings = data.map((values) => device.upload(values, [4, 4], "f32", "an input"));
    const first = executable.run(bindings, new Set());
    await expect(executable.run(bindings, new Set())).rejects.toThrow(/once at a time/u);
    await first;
    await executable.run(bindings, new Set());
  });
});
