import process from "node:process";
import { SteelyardError } from "@steelyard/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { alignment } from "./allocator.ts";
import { deviceMemory, firstAddress, slackBytes, type DeviceMemory } from "./memory.ts";

const mebibyte = 2 ** 20;

/** A block of the model: what was written over it. */
interface Live {
  readonly address: number;
  readonly bytes: number;
  readonly pattern: number;
}

interface Model {
  readonly live: Live[];
  peak: number;
  /** Bytes in use as blocks, whole multiples of 64. */
  inUse: number;
}

type Real = DeviceMemory;

const whole = (bytes: number): number => Math.max(alignment, Math.ceil(bytes / alignment) * alignment);

/** Allocates, checks that the block touches no other, and writes a pattern over all of it. */
class Allocate implements fc.Command<Model, Real> {
  readonly bytes: number;
  readonly pattern: number;
  constructor(bytes: number, pattern: number) {
    this.bytes = bytes;
    this.pattern = pattern;
  }
  check(): boolean {
    return true;
  }
  run(model: Model, real: Real): void {
    const address = real.allocate(this.bytes, `owner ${this.pattern % 3}`);
    expect(address % alignment).toBe(0);
    expect(address).toBeGreaterThanOrEqual(firstAddress);
    expect(address + this.bytes).toBeLessThanOrEqual(real.report().reserved - slackBytes);
    for (const other of model.live) {
      const apart = address + whole(this.bytes) <= other.address || other.address + whole(other.bytes) <= address;
      expect(apart).toBe(true);
    }
    real.u8(address, this.bytes).fill(this.pattern);
    model.live.push({ address, bytes: this.bytes, pattern: this.pattern });
    model.inUse += whole(this.bytes);
    model.peak = Math.max(model.peak, model.inUse);
  }
  toString(): string {
    return `allocate(${this.bytes})`;
  }
}

/** Checks that a block still holds what was written, and frees it. */
class Free implements fc.Command<Model, Real> {
  readonly which: number;
  constructor(which: number) {
    this.which = which;
  }
  check({ live }: Model): boolean {
    return live.length > 0;
  }
  run(model: Model, real: Real): void {
    const [block] = model.live.splice(this.which % model.live.length, 1);
    const { address, bytes, pattern } = block!;
    expect(real.u8(address, bytes).every((byte) => byte === pattern)).toBe(true);
    real.free(address);
    model.inUse -= whole(bytes);
  }
  toString(): string {
    return `free(${this.which})`;
  }
}

/** Frees a block and asks for as much again: the memory in use cannot need more room for that. */
class Replace implements fc.Command<Model, Real> {
  readonly which: number;
  constructor(which: number) {
    this.which = which;
  }
  check({ live }: Model): boolean {
    return live.length > 0;
  }
  run(model: Model, real: Real): void {
    const i = this.which % model.live.length;
    const { bytes, address } = model.live[i]!;
    const { growths } = real.report();
    real.free(address);
    const again = real.allocate(bytes, "replaced");
    expect(real.report().growths).toBe(growths);
    real.u8(again, bytes).fill(7);
    model.live[i] = { address: again, bytes, pattern: 7 };
  }
  toString(): string {
    return `replace(${this.which})`;
  }
}

const commands = fc.commands(
  [
    fc
      .tuple(
        fc.oneof({ maxDepth: 1 }, fc.nat(300), fc.nat(40_000), fc.nat(4 * mebibyte)),
        fc.integer({ min: 0, max: 255 }),
      )
      .map(([bytes, pattern]) => new Allocate(bytes, pattern)),
    fc.nat().map((which) => new Free(which)),
    fc.nat().map((which) => new Replace(which)),
  ],
  { maxCommands: 40 },
);

test("blocks never overlap, keep their contents, count in the report, and leave nothing behind", () => {
  const numRuns = process.env["STEELYARD_FUZZ"] === "long" ? 600 : 30;
  fc.assert(
    fc.property(commands, (list) => {
      const real = deviceMemory();
      const model: Model = { live: [], peak: 0, inUse: 0 };
      fc.modelRun(() => ({ model, real }), list);
      for (const { address, bytes, pattern } of model.live) {
        expect(real.u8(address, bytes).every((byte) => byte === pattern)).toBe(true);
      }
      const { inUse, peak, reserved, holdings } = real.report();
      expect({ inUse, peak }).toEqual({ inUse: model.inUse, peak: model.peak });
      expect(holdings.reduce((sum, each) => sum + each.bytes, 0)).toBe(inUse);
      expect(holdings.reduce((sum, each) => sum + each.blocks, 0)).toBe(model.live.length);
      for (const { address } of model.live) real.free(address);
      // One free block of all there is, or the last allocation would have to grow the memory.
      const { growths } = real.report();
      real.free(real.allocate(reserved - firstAddress - slackBytes, "everything"));
      expect(real.report()).toMatchObject({ inUse: 0, growths, holdings: [] });
    }),
    { numRuns },
  );
});

test("memory grows in large steps, and views taken before still show the same bytes", () => {
  const memory = deviceMemory();
  const first = memory.allocate(64, "first");
  const before = memory.f32(first, 16).fill(1.5);
  const { words } = memory;
  const second = memory.allocate(2 * mebibyte, "second");
  expect(memory.report().growths).toBe(1);
  expect(memory.report().reserved).toBeGreaterThanOrEqual(64 * mebibyte);
  expect(memory.words.length).toBeGreaterThan(words.length);
  expect([...before]).toEqual([...memory.f32(first, 16)]);
  memory.f32(first, 1)[0] = 2.5;
  expect(before[0]).toBe(2.5);
  memory.allocate(30 * mebibyte, "third");
  expect(memory.report().growths).toBe(1);
  memory.i32(second, 4).set([1, -2, 3, -4]);
  expect([...memory.u32(second, 2)]).toEqual([1, 2 ** 32 - 2]);
});

test("addresses reach to the end of 4 GiB, where memory that is not touched costs nothing", () => {
  const memory = deviceMemory();
  memory.allocate(3 * 1024 * mebibyte, "low");
  const high = memory.allocate(1023 * mebibyte, "high");
  expect(high).toBeGreaterThan(2 ** 31);
  memory.f32(high + 1022 * mebibyte, 1)[0] = 3;
  expect(memory.f32(high + 1022 * mebibyte, 1)[0]).toBe(3);
  expect(() => memory.allocate(2 * mebibyte, "more")).toThrow(/limit of 4 GiB/u);
  memory.free(high);
  expect(memory.allocate(1000 * mebibyte, "again")).toBe(high);
});

test("what does not fit says what it needs, what is live, and what the limit is", () => {
  const memory = deviceMemory({ limit: 8 * mebibyte });
  memory.allocate(2 * mebibyte, "conv1.weight");
  memory.allocate(4 * mebibyte, "relu");
  memory.allocate(100, "loss");
  const kept = memory.allocate(0, "empty");
  let thrown: unknown;
  try {
    memory.allocate(3 * mebibyte, "conv2");
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(SteelyardError);
  expect((thrown as SteelyardError).message).toMatchInlineSnapshot(`
    "conv2: needs 3 MiB of device memory, got 6 MiB in use (4 MiB of relu, 2 MiB of conv1.weight, 128 B of loss, 1 more), at most 1.9 MiB free in one piece, a limit of 8 MiB
      hint: take a smaller batch, or several micro-batches for each step"
  `);
  // Nothing was lost by asking: what does fit still fits.
  memory.free(kept);
  memory.allocate(1.75 * mebibyte, "conv2 in two halves");
  expect(memory.report().reserved).toBeLessThanOrEqual(8 * mebibyte);
});

test("a limit that leaves no page for data is refused", () => {
  expect(() => deviceMemory({ limit: 65_536 })).toThrow(/needs a limit of at least 131072 bytes, got 65536/u);
  expect(() => deviceMemory({ limit: Number.NaN })).toThrow(/got NaN/u);
});
