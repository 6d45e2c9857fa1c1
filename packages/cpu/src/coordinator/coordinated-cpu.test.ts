import {
  defaultDevice,
  gradients,
  hostSolve,
  interpreter,
  realise,
  setDefaultDevice,
  step,
  tensor,
  Variable,
  type Device,
  type Primitive,
} from "@steelyard/core";
import { randomGraph } from "@steelyard/core/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { families } from "../contraction/families.ts";
import { cpu } from "../device.ts";
import { coordinatedCpu, type CoordinatedCpu } from "./coordinated-cpu.ts";

let before: Device;
let device: CoordinatedCpu;

beforeAll(() => {
  before = defaultDevice();
  device = coordinatedCpu({ threads: 1, revectorize: false });
  setDefaultDevice(device);
});

afterAll(async () => {
  setDefaultDevice(before);
  await device.close();
});

function liveStorages(): number {
  return [...device.storages()].length;
}

async function on(other: Device, seed: number): Promise<unknown> {
  setDefaultDevice(other);
  try {
    const { inputs, output } = randomGraph(seed);
    return await Promise.all([output, ...gradients(output.sum(), inputs)].map((x) => x.data()));
  } finally {
    setDefaultDevice(device);
  }
}

describe("a CPU device in a thread of its own", () => {
  test("computes what the device in this thread computes, bit for bit", async () => {
    const here = cpu({ threads: 1 });
    for (let seed = 0; seed < 20; seed++) expect(await on(device, seed)).toEqual(await on(here, seed));
    await here.close();
  });

  test("trains: state stays over there from step to step", async () => {
    const w = new Variable(tensor([4, -2]));
    for (let i = 0; i < 20; i++) {
      w.assign(w.value.mul(0.5));
      await step();
    }
    expect([...(await w.value.data())]).toEqual([4 / 2 ** 20, -2 / 2 ** 20]);
  });

  test("asks this thread for a host solve, and goes on with its answer", async () => {
    const x = tensor([3, 1, 2]).mul(2);
    const [sorted] = hostSolve([x], [[3]], async (values) => [values.toSorted()]);
    expect([...(await sorted!.add(1).data())]).toEqual([3, 5, 7]);
  });

  test("loses nothing when a host solve fails: the error arrives as it was thrown", async () => {
    const w = new Variable(tensor([1, 2]));
    const [bad] = hostSolve([w.value], [[3]], () => [[1]]);
    w.assign(w.value.add(bad!.sum()));
    await expect(step()).rejects.toThrow(/hostSolve: needs results of 3 numbers, as its shapes say, got 1/u);
    const [worse] = hostSolve([w.value], [[2]], () => {
      throw new RangeError("no such root");
    });
    await expect(worse!.data()).rejects.toThrow("no such root");
    expect([...(await w.value.data())]).toEqual([1, 2]);
  });

  test("gives back what is freed, and lists what is not", async () => {
    const start = liveStorages();
    const x = tensor([1, 2, 3]).add(1);
    await realise(x);
    expect(liveStorages()).toBe(start + 1);
    x.dispose();
    expect(liveStorages()).toBe(start);
  });

  test("says how it computes, and what it holds", async () => {
    const start = await device.report();
    const storage = device.upload(new Float32Array(1000), [1000], "f32", "a thousand");
    const { threads, family, revectorised, memory } = await device.report();
    expect({ threads, revectorised }).toEqual({ threads: 1, revectorised: false });
    expect(Object.keys(families)).toContain(family);
    // Blocks are multiples of 64 bytes.
    expect(memory.inUse - start.memory.inUse).toBe(4032);
    expect(memory.holdings.map(({ owner }) => owner)).toContain("a thousand");
    device.free(storage);
    expect((await device.report()).memory.inUse).toBe(start.memory.inUse);
  });

  test("values move here and back", async () => {
    const x = tensor([1, 2]).mul(3);
    await realise(x);
    setDefaultDevice(interpreter());
    const y = x.add(1);
    expect([...(await y.data())]).toEqual([4, 7]);
    setDefaultDevice(device);
    expect([...(await x.mul(y).data())]).toEqual([12, 42]);
  });

  test("says that a primitive of one's own cannot be sent", async () => {
    const odd = { name: "odd" } as Primitive;
    const instruction = { primitive: odd, inputs: [], attrs: {}, shape: [], dtype: "f32", bound: false, label: "odd" };
    const program = { hash: 0, instructions: [instruction] as never, slots: [], outputs: [0] };
    await expect(device.compile(program).run([], new Set())).rejects.toThrow(
      /cpu coordinator: needs primitives of the registry, got odd/u,
    );
  });
});

describe("what cannot be done over there", () => {
  test("is told by the call that needed it: no room for the memory", async () => {
    const small = coordinatedCpu({ threads: 1, limit: 2 ** 21 });
    const storage = small.upload(new Float32Array(2 ** 20), [2 ** 20], "f32", "a large tensor");
    await expect(small.read(storage)).rejects.toThrow(/a large tensor: needs 4 MiB of device memory/u);
    small.free(storage);
    const little = small.upload(Float32Array.of(7), [1], "f32", "a small one");
    expect(await small.read(little)).toEqual(Float32Array.of(7));
    await small.close();
  });

  test("a worker that does not start, with what to do after a bundler", async () => {
    const nowhere = coordinatedCpu({}, new URL("nowhere.ts", import.meta.url));
    const error: unknown = await nowhere.report().catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      code: "DeviceError",
      details: { hint: expect.stringMatching(/^after a bundler, /u) },
    });
    expect(String(error)).toMatch(/needs the thread that owns the device, got its end: Cannot find module/u);
    await nowhere.close();
  });

  test("a worker with a file that serves no device, which a warning names", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    try {
      const silent = coordinatedCpu({}, new URL("data:text/javascript,setInterval(() => {}, 1000)"));
      const asked = silent.report().catch(String);
      vi.advanceTimersByTime(9999);
      expect(warn).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(warn).toHaveBeenCalledWith(expect.stringMatching(/^cpu: its worker has not started .* after a bundler/u));
      await silent.close();
      expect(await asked).toMatch(/got its end: closed/u);
    } finally {
      vi.useRealTimers();
      warn.mockRestore();
    }
  });

  test("a device that was closed, even in the middle of a call", async () => {
    const closed = coordinatedCpu({ threads: 1 });
    const storage = closed.upload(Float32Array.of(7), [1], "f32", "seven");
    const reading = closed.read(storage);
    await closed.close();
    await expect(reading.then(() => closed.read(storage))).rejects.toThrow(/needs the thread that owns the device/u);
  });

  test("a read when the device is closed in the middle of a host solve", async () => {
    const closed = coordinatedCpu({ threads: 1 });
    setDefaultDevice(closed);
    try {
      const { promise: asked, resolve } = Promise.withResolvers<void>();
      const [never] = hostSolve([tensor([1])], [[1]], () => new Promise(() => resolve()));
      const reading = never!.data().catch((error: unknown) => error);
      await asked;
      await closed.close();
      expect(await reading).toMatchObject({ code: "DeviceError", details: { got: "its end: closed" } });
    } finally {
      setDefaultDevice(device);
    }
  });

  test("storage of the dead", () => {
    const storage = device.upload(Float32Array.of(1), [1], "f32", "one");
    device.free(storage);
    expect(() => device.free(storage)).toThrow(/cpu: needs storage that is still live, got that of one/u);
  });
});
