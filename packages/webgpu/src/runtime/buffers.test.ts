import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Gpu } from "./adapter.ts";
import { bufferPool, faultOf, sizeClass, takeAll } from "./buffers.ts";

/** As much of a GPU device as a pool needs; it has no more memory than `room`, and keeps count of what is not destroyed. */
function gpuWith(room: number): { readonly gpu: Gpu; readonly taken: () => number } {
  let taken = 0;
  const faults: (Partial<GPUError> | null)[] = [];
  const device = {
    limits: { maxBufferSize: 2 ** 20 },
    queue: { onSubmittedWorkDone: async () => undefined },
    pushErrorScope: () => void faults.push(null),
    popErrorScope: async () => faults.pop(),
    createBuffer({ size }: GPUBufferDescriptor) {
      const fits = taken + size <= room;
      if (fits) taken += size;
      // Scopes are for lack of memory, for faults in commands, and for those of the device.
      else faults[0] = { message: "no memory" };
      return { destroy: () => void (taken -= fits ? size : 0) };
    },
  };
  return { gpu: { device } as unknown as Gpu, taken: () => taken };
}

describe("size classes", () => {
  test("are powers of two and the halves between, from 256 bytes on", () => {
    const sizes = [0, 1, 256, 257, 384, 385, 512, 513, 768, 769, 3 * 2 ** 20, 3 * 2 ** 20 + 1];
    expect(sizes.map((size) => sizeClass(size, 2 ** 30))).toEqual([
      256,
      256,
      256,
      384,
      384,
      512,
      512,
      768,
      768,
      1024,
      3 * 2 ** 20,
      4 * 2 ** 20,
    ]);
  });

  test("hold what is asked for, waste a third at most, and never pass what the device allows", () => {
    const most = 1_000_000;
    fc.assert(
      fc.property(fc.integer({ min: 257, max: most }), (bytes) => {
        const size = sizeClass(bytes, most);
        expect(size).toBeGreaterThanOrEqual(bytes);
        expect(size).toBeLessThanOrEqual(Math.min(most, 1.5 * bytes));
        expect(sizeClass(size, most)).toBe(size);
      }),
    );
  });
});

describe("a pool", () => {
  test("gives equal buffers to equal steps, in whatever order they come back", () => {
    const { gpu, taken } = gpuWith(Infinity);
    const pool = bufferPool(gpu, { usage: 0 });
    const orders = [[0, 1, 2], [2, 0, 1], [1, 2, 0]]; // prettier-ignore
    const rounds = orders.map((order) => {
      const pieces = order.map(() => pool.take(1000, "test"));
      order.forEach((i) => pool.give(pieces[i]!));
      return pieces.map(({ id }) => id);
    });
    expect(rounds[1]).toEqual(rounds[0]);
    expect(rounds[2]).toEqual(rounds[0]);
    expect(taken()).toBe(3 * 1024);
    expect(pool.use()).toEqual({ bytes: 3072, buffers: 3, inUse: 0, buffersInUse: 0 });
  });

  test("gives back to the device what nobody has wanted between two sweeps", () => {
    const { gpu, taken } = gpuWith(Infinity);
    const pool = bufferPool(gpu, { usage: 0 });
    const [rare, frequent] = [pool.take(1000, "test"), pool.take(300, "test")];
    pool.give(rare);
    pool.give(frequent);
    pool.sweep();
    expect(taken()).toBe(1024 + 384);
    pool.give(pool.take(300, "test"));
    pool.sweep();
    expect(taken()).toBe(384);
    pool.sweep();
    expect(taken()).toBe(0);
  });

  test("stays within its limit: it trims first, and says what is missing", () => {
    const { gpu, taken } = gpuWith(Infinity);
    const pool = bufferPool(gpu, { usage: 0, limit: 4096 });
    pool.give(pool.take(3000, "test"));
    const piece = pool.take(2000, "test");
    expect(taken()).toBe(2048);
    expect(() => pool.take(3000, "w")).toThrow(
      "webgpu: needs 3 KiB of device memory for w, got a limit of 4 KiB of which 2 KiB are taken",
    );
    pool.give(piece);
    expect(pool.take(4096, "test").bytes).toBe(4096);
  });

  test("says what no buffer can hold", () => {
    const pool = bufferPool(gpuWith(Infinity).gpu, { usage: 0 });
    expect(pool.take(2 ** 20, "test").bytes).toBe(2 ** 20);
    expect(() => pool.take(2 ** 20 + 1, "w")).toThrow(
      "webgpu: needs a buffer of 2 MiB for w, got a device with at most 1 MiB in one",
    );
  });

  test("gives up what is free when the device has no memory, and tries again", async () => {
    const { gpu, taken } = gpuWith(4096);
    const pool = bufferPool(gpu, { usage: 0 });
    pool.give(pool.take(2048, "test"));
    const pieces = await takeAll(pool, [3072, 1024], "test");
    expect(pieces.map(({ bytes }) => bytes)).toEqual([3072, 1024]);
    expect(await faultOf(pieces)).toBeNull();
    await expect(takeAll(pool, [256], "w")).rejects.toThrow(
      "webgpu: needs memory for 256 B for w, got none: no memory",
    );
    expect(taken()).toBe(4096);
    expect(pool.use().buffersInUse).toBe(2);
  });
});
