import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { bench, count, dawdle, expectUsable, failureOf, meet, mix, trap } from "../../test/pool-bench.ts";
import type { Command } from "./thread-pool.ts";

const crews = [1, 2, 3, 8].flatMap((threads) => [true, false].map((blocking) => ({ threads, blocking })));

describe.each(crews)("$threads threads, blocking: $blocking", (options) => {
  const made = bench(options);
  const { memory, pool, block, zeros } = made;

  test("every chunk is done exactly once, before the workers have arrived and after", async () => {
    const counts = zeros(1000);
    const program = pool.prepare([{ kernel: pool.load(count, "count"), args: block(counts), chunks: 1000 }]);
    for (let i = 1; i <= 100; i++) {
      await pool.run(program);
      expect(memory.i32(counts, 1000).every((times) => times === i)).toBe(true);
    }
    expect(await pool.ready()).toBe(options.threads);
    for (let i = 101; i <= 300; i++) {
      await pool.run(program);
      expect(memory.i32(counts, 1000).every((times) => times === i)).toBe(true);
    }
  });

  test("a command sees all that those before it wrote, in whatever pieces the program is run", async () => {
    await pool.ready();
    const length = 24;
    const buffers = [zeros(length), zeros(length)];
    const args = [0, 1].map((i) => block(buffers[i]!, buffers[1 - i]!, length));
    const chunks = fc.array(fc.oneof(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: length })), {
      maxLength: 40,
    });
    const index = pool.load(mix, "mix");
    const property = fc.asyncProperty(chunks, fc.array(fc.nat(40), { maxLength: 4 }), async (list, cuts) => {
      const model = buffers.map((address) => memory.i32(address, length).fill(1).slice());
      list.forEach((many, i) => {
        const sum = model[i % 2]!.reduce((a, b) => (a + b) | 0, 0);
        for (let c = 0; c < many; c++) model[1 - (i % 2)]![c] = Math.imul(sum, 31) + c;
      });
      const program = pool.prepare(
        list.map((many, i): Command => ({ kernel: index, args: args[i % 2]!, chunks: many })),
      );
      const ends = [0, ...cuts.map((cut) => Math.min(cut, list.length)).toSorted((a, b) => a - b), list.length];
      // Not awaited one by one: the pool keeps their order.
      await Promise.all(ends.slice(1).map((end, i) => pool.run(program, ends[i], end)));
      program.dispose();
      buffers.forEach((address, i) => expect(memory.i32(address, length)).toEqual(new Int32Array(model[i]!)));
    });
    await fc.assert(property, { numRuns: process.env["STEELYARD_FUZZ"] === "long" ? 2000 : 60 });
  });

  test("programs asked for while one is under way wait for their turn", async () => {
    await pool.ready();
    const [here, there] = [block(1), block(0)];
    const mixed = pool.load(mix, "mix");
    // The caller, which is awake, takes the first chunk, and then waits for who took the second.
    const arrivals = options.threads === 1 ? block(1, 1) : zeros(2);
    const meeting = { kernel: pool.load(meet, "meet"), args: block(arrivals, -1, 1_000_000), chunks: 2 };
    const step = (input: number, output: number): Command => ({
      kernel: mixed,
      args: block(input, output, 1),
      chunks: 1,
    });
    const slow = pool.prepare([meeting, step(here, there)]);
    const quick = pool.prepare([step(there, here)]);
    await Promise.all([slow, quick, slow, quick].map((program) => pool.run(program)));
    expect(memory.i32(here, 1)[0]).toBe(31 ** 4);
  });

  test("a trap in any thread fails the call, and only the call", async () => {
    const index = pool.load(meet, "meet");
    for (let i = 0; i < 10; i++) {
      // Both chunks are under way at once, so that with two threads one of them traps in a worker, whichever it is.
      const args = block(options.threads === 1 ? block(1, 1) : zeros(2), i % 2, 0);
      const program = pool.prepare([
        { kernel: index, args, chunks: 2 },
        { kernel: pool.load(trap, "trap"), args, chunks: 1 },
      ]);
      await pool.ready();
      expect((await failureOf(pool.run(program))).message).toMatch(/^meet: needs .*, got unreachable/u);
      program.dispose();
      await expectUsable(made);
    }
  });

  test("a trap in the middle of a serial run names its kernel", async () => {
    const args = block(zeros(1));
    const counted = pool.load(count, "count");
    const kernels = [counted, pool.load(trap, "trap"), counted];
    const program = pool.prepare(kernels.map((index) => ({ kernel: index, args, chunks: 1 })));
    const error = await failureOf(pool.run(program));
    expect(error.details.who).toBe("trap");
    await expectUsable(made);
  });

  test("thousands of programs leave memory as it was", async () => {
    await expectUsable(made);
    const counts = zeros(3);
    const args = block(counts);
    const index = pool.load(count, "count");
    const commands = [3, 1, 1, 2].map((chunks) => ({ kernel: index, args, chunks }));
    const before = memory.report();
    const rounds = options.blocking ? 10_000 : 1000;
    for (let i = 0; i < rounds; i++) {
      const program = pool.prepare(commands);
      await pool.run(program);
      program.dispose();
    }
    expect(memory.report()).toEqual(before);
    expect([...memory.i32(counts, 3)]).toEqual([4 * rounds, 2 * rounds, rounds]);
  });

  test("workers see memory that was grown after they had started, up to high addresses", async () => {
    await pool.ready();
    const low = memory.allocate(2 ** 31, "untouched");
    await expectUsable(made);
    memory.free(low);
  });
});

test("a loop of runs lets the event loop turn now and then", async () => {
  const { pool, block } = bench({ threads: 1 });
  const program = pool.prepare([{ kernel: pool.load(dawdle, "dawdle"), args: block(1000), chunks: 1 }]);
  const timer = vi.fn<() => void>();
  setTimeout(timer, 1);
  const start = performance.now();
  while (timer.mock.calls.length === 0 && performance.now() - start < 10_000) await pool.run(program);
  expect(timer).toHaveBeenCalled();
});

test("kernels with the same bytes are one, and share their memory", () => {
  const { memory, pool } = bench({ threads: 1 });
  const first = pool.load(count, "count");
  const { inUse } = memory.report();
  expect(pool.load({ bytes: count.bytes.slice(), chunks: 7 }, "again")).toBe(first);
  expect(memory.report().inUse).toBe(inUse);
  expect(pool.load(mix, "mix")).not.toBe(first);
});

test("a closed pool has ended its workers, given its memory back, and finished what was asked of it", async () => {
  const { memory, pool, block, zeros } = bench({ threads: 3, blocking: false });
  const { inUse: nothing } = memory.report();
  const counts = zeros(2);
  const args = block(counts);
  const turns = block(1_000_000);
  await pool.ready();
  const program = pool.prepare([
    { kernel: pool.load(dawdle, "dawdle"), args: turns, chunks: 5 },
    { kernel: pool.load(count, "count"), args, chunks: 2 },
  ]);
  const run = pool.run(program);
  program.dispose();
  await pool.close();
  expect([...memory.i32(counts, 2)]).toEqual([1, 1]);
  await run;
  for (const address of [counts, args, turns]) memory.free(address);
  expect(memory.report().inUse).toBe(0);
  expect(nothing).toBeGreaterThan(0);
  expect(() => pool.run(program)).toThrow(/closed/u);
});

test("a process ends by itself with an idle pool, and not before a program that waits for its workers", async () => {
  const [memory, pool] = ["memory.ts", "thread-pool.ts"].map((file) => new URL(file, import.meta.url).href);
  const code = `
    import { deviceMemory } from "${memory}";
    import { threadPool } from "${pool}";
    const memory = deviceMemory();
    const pool = threadPool(memory, { threads: 3, blocking: false });
    const args = memory.allocate(4, "turns");
    memory.words[args / 4] = 10_000_000;
    const kernel = pool.load({ bytes: new Uint8Array([${dawdle.bytes.join()}]), chunks: 1 }, "dawdle");
    await pool.ready();
    await pool.run(pool.prepare([{ kernel, args, chunks: 4 }]));
    console.log("done");`;
  const child = promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code], { timeout: 30_000 });
  expect(await child).toMatchObject({ stdout: "done\n" });
});
