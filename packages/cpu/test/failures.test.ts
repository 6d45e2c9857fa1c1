import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import {
  defaultDevice,
  hostSolve,
  matmul,
  realise,
  setDefaultDevice,
  step,
  sum,
  tensor,
  Variable,
  type Device,
  type Tensor,
} from "@steelyard/core";
import { evaluate } from "@steelyard/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cpu, type CpuDevice } from "../src/index.ts";

let before: Device;
let device: CpuDevice;
/** Computes everything of the test on a device of its own. */
function use(options: Parameters<typeof cpu>[0]): CpuDevice {
  device = cpu(options);
  setDefaultDevice(device);
  return device;
}
beforeEach(() => void (before = defaultDevice()));
afterEach(async () => {
  setDefaultDevice(before);
  await device.close();
});

const inUse = (): number => device.memory().inUse;
const ones = (n: number): Tensor => tensor(new Float32Array(n).fill(1));

describe("what does not fit", () => {
  test("is an error that says what it needed; all values stay, and what fits still runs", async () => {
    use({ threads: 1, limit: 8 * 2 ** 20 });
    const w = new Variable(ones(300_000), { name: "w" });
    expect(await w.value.sum().item()).toBe(300_000);
    const atFirst = inUse();
    w.assign(w.value.add(1));
    // Three more values of 1.2 MB do not fit beside the operands of the product.
    const large = Array.from({ length: 8 }, (_, i) => w.value.mul(i));
    await expect(step(...large)).rejects.toMatchObject({ code: "DeviceError" });
    expect(inUse()).toBeLessThan(atFirst + 2 ** 16);
    expect(await w.value.sum().item()).toBe(300_000);
    w.assign(w.value.add(1));
    await step();
    expect(await w.value.sum().item()).toBe(600_000);
    await expect(ones(4_000_000).add(1).data()).rejects.toMatchObject({ code: "DeviceError" });
    w.dispose();
  });
});

describe("a kernel that traps", () => {
  test.each([1, 2])("is a DeviceError that names it, and nothing is lost, on %d threads", async (threads) => {
    use({ threads });
    // A storage that lies about its address: every access to it is outside of the memory.
    const right = device.upload(new Float32Array(4096).fill(2), [4096], "f32", "right");
    const wrong = { ...right, address: 0x7fff_0000 };
    const forged: Device = {
      ...device,
      compile(program) {
        const executable = device.compile(program);
        return {
          run: (bindings, donated) =>
            executable.run(
              bindings.map((each) => (typeof each === "object" ? wrong : each)),
              donated,
            ),
        };
      },
    };
    const root = ones(4096).mul(3).sin();
    await expect(evaluate(forged, [root])).rejects.toMatchObject({ code: "DeviceError", details: { who: "sin" } });
    expect([...device.storages()].filter(({ owner }) => owner === "result")).toEqual([]);
    expect(await device.read(right)).toEqual(new Float32Array(4096).fill(2));
    expect(await ones(4096).mul(3).sum().item()).toBe(3 * 4096);
  });
});

describe("a worker that dies between runs", () => {
  const threads = process.getBuiltinModule("node:worker_threads");
  const { Worker: Original } = threads;
  const made: Worker[] = [];
  beforeEach(() => {
    made.length = 0;
    threads.Worker = class extends Original {
      constructor(...options: ConstructorParameters<typeof Worker>) {
        super(...options);
        made.push(this);
      }
    };
  });
  afterEach(() => void (threads.Worker = Original));

  test("is replaced, and no result changes", async () => {
    use({ threads: 2 });
    const x = ones(200_000);
    for (let i = 0; i < 3; i++) {
      expect(await sum(x.mul(i)).item()).toBe(200_000 * i);
      // Time for it to arrive: one that dies before is not replaced for ever.
      await sleep(150);
      await Promise.all(made.map((worker) => worker.terminate()));
    }
    expect(made.length).toBeGreaterThan(1);
  });
});

describe("a failing host solve", () => {
  test("leaves device memory as it was, step after step", async () => {
    use({ threads: 2 });
    const w = new Variable([[1, 2], [3, 4]], { name: "w" }); // prettier-ignore
    await w.value.data();
    const fail = async (): Promise<number> => {
      const [solved] = hostSolve([matmul(w.value, w.value)], [[2, 2]], () => Promise.reject(new Error("singular")));
      w.assign(w.value.add(solved!));
      await expect(step()).rejects.toThrow("singular");
      return inUse();
    };
    const first = await fail();
    for (let i = 0; i < 20; i++) expect(await fail()).toBe(first);
    expect(await w.value.array()).toEqual([[1, 2], [3, 4]]); // prettier-ignore
    w.dispose();
  });
});

describe("a device", () => {
  test("moves values from another one when they are needed, and keeps no second copy", async () => {
    const x = ones(10).mul(7);
    await realise(x);
    use({ threads: 1 });
    expect(await x.add(1).sum().item()).toBe(80);
    expect([...device.storages()]).toEqual([]);
    x.dispose();
  });

  test("computes nothing any more once it is closed", async () => {
    use({ threads: 1 });
    await device.close();
    await expect(ones(3).add(1).data()).rejects.toThrow();
  });
});
