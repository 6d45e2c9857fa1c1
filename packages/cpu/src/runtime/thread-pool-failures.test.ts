import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { describe, expect, test, vi } from "vitest";
import { awaitFlag, bench, count, expectUsable, failureOf, trapAt } from "../../test/pool-bench.ts";
import { startThread, type StartThread, type Thread } from "./worker.ts";

/** Workers that tests can end, and whose first kernel is another than the caller's. */
function saboteurs(deed: string): { readonly start: StartThread; readonly threads: Thread[] } {
  const threads: Thread[] = [];
  const code = `
    const { workerData } = require("node:worker_threads");
    const deed = () => { ${deed} };
    import(workerData.file).then(({ serve }) => serve(workerData.assignment, [(args) => {
      const words = new Int32Array(workerData.assignment.memory.buffer);
      words[words[args >> 2] >> 2] = 1; // the flag that the caller's kernel waits for
      deed();
    }]));`;
  const file = new URL("worker.ts", import.meta.url).href;
  const start: StartThread = (assignment, ended) => {
    const limits = { maxOldGenerationSizeMb: 16 };
    const worker = new Worker(code, { eval: true, workerData: { file, assignment }, resourceLimits: limits });
    let cause = "";
    worker.on("error", (error: Error) => (cause = error.message));
    worker.on("exit", (exit) => ended(cause === "" ? `exit code ${exit}` : cause));
    worker.unref();
    threads.push({ end: () => worker.terminate() });
    return threads.at(-1)!;
  };
  return { start, threads };
}

describe.each([true, false])("sabotage, blocking: %s", (blocking) => {
  /** Runs two chunks: the caller's ends when the worker's has begun. */
  async function sabotage(deed: string, meanwhile?: (threads: Thread[]) => unknown): Promise<string> {
    const { start, threads } = saboteurs(deed);
    const made = bench({ threads: 2, blocking, start });
    const { pool, block, zeros } = made;
    const index = pool.load(awaitFlag, "victim");
    expect(await pool.ready()).toBe(2);
    const program = pool.prepare([{ kernel: index, args: block(zeros(1)), chunks: 2 }]);
    meanwhile?.(threads);
    const { message } = await failureOf(pool.run(program));
    await expectUsable(made);
    expect(await pool.ready()).toBe(2);
    await expectUsable(made);
    return message;
  }

  test("an error in a worker's kernel is the call's error", async () => {
    expect(await sabotage(`throw new RangeError("too far")`)).toMatch(/^victim: needs .*, got too far$/mu);
  });

  test("a worker that leaves the process at work is an error of the call", async () => {
    expect(await sabotage(`process.exit(3)`)).toMatch(/^victim: .*, got a thread that ended \(exit code 3\)$/mu);
  });

  test("a worker that is ended from outside at work is an error of the call", async () => {
    const message = await sabotage(`for (;;) {}`, (threads) => setTimeout(() => void threads[0]!.end(), 50));
    expect(message).toMatch(/^victim: .*, got a thread that ended/mu);
  });

  test("a worker without memory at work is an error of the call", async () => {
    const message = await sabotage(`const all = []; for (let i = 0; ; i++) all.push("text " + i);`);
    expect(message).toMatch(/^victim: .*, got a thread that ended \(Worker terminated due to reaching memory limit/mu);
  });
});

test("after a trap, no thread goes on with the chunks that are left", async () => {
  const made = bench({ threads: 2 });
  const { pool, block } = made;
  expect(await pool.ready()).toBe(2);
  // All of them would take minutes.
  const kernel = pool.load(trapAt, "trapAt");
  const program = pool.prepare([{ kernel, args: block(100_000), chunks: 2 ** 31 - 1 }]);
  expect((await failureOf(pool.run(program))).details.who).toBe("trapAt");
  await expectUsable(made);
});

test("a worker that is ended in its sleep is replaced, and no call fails", async () => {
  const threads: Thread[] = [];
  const start: StartThread = (assignment, ended) => {
    const thread = startThread(assignment, ended);
    threads.push(thread);
    return thread;
  };
  const made = bench({ threads: 3, start });
  expect(await made.pool.ready()).toBe(3);
  await sleep(5);
  await threads[0]!.end();
  await expectUsable(made);
  expect(await made.pool.ready()).toBe(3);
  expect(threads).toHaveLength(3);
  await expectUsable(made);
});

test("a pool has at least one thread", () => {
  expect(() => bench({ threads: 0 })).toThrow(/^cpu: needs at least one thread, got 0$/mu);
  expect(() => bench({ threads: 1.5 })).toThrow(/got 1.5/u);
});

/** Starts workers, and says how many so far. */
function counted(): { readonly start: StartThread; readonly starts: () => number } {
  let begun = 0;
  const start: StartThread = (assignment, ended) => {
    begun++;
    return startThread(assignment, ended);
  };
  return { start, starts: () => begun };
}

test("a program starts as many workers as it can keep busy, and none when one thread is enough", async () => {
  const { start, starts } = counted();
  const { pool, block, zeros } = bench({ threads: 8, start });
  const kernel = pool.load(count, "count");
  const args = block(zeros(9));
  for (const [chunks, workers] of [
    [0, 0],
    [1, 0],
    [3, 2],
    [2, 2],
    [9, 7],
  ] as const) {
    await pool.run(pool.prepare([{ kernel, args, chunks }]));
    expect(starts()).toBe(workers);
  }
});

test("workers are started once enough chunks were there for them", async () => {
  const { start, starts } = counted();
  const { pool, block, zeros } = bench({ threads: 3, start, startAfter: 10 });
  const kernel = pool.load(count, "count");
  const args = block(zeros(5));
  const program = pool.prepare([5, 1, 3, 0].map((chunks) => ({ kernel, args, chunks })));
  await pool.run(program, 1);
  expect(starts()).toBe(0);
  // 2 so far, and 6 more are not enough.
  await pool.run(program);
  expect(starts()).toBe(0);
  await pool.run(program, 2, 4);
  expect(starts()).toBe(2);
});

/** A worker whose file is not there. */
const startMissing: StartThread = (_, ended) => {
  const worker = new Worker(new URL("file:///there/is/no/such/file.js"));
  worker.on("error", ({ message }: Error) => ended(message));
  return { end: () => worker.terminate() };
};

test("a pool whose workers cannot start does the work itself, and stops trying", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  let starts = 0;
  const refused = bench({
    threads: 3,
    start: () => {
      starts++;
      throw new Error("no workers here");
    },
  });
  for (let i = 0; i < 5; i++) await expectUsable(refused);
  expect(await refused.pool.ready()).toBe(1);
  expect(starts).toBe(3);
  expect(warn.mock.calls).toEqual([["cpu: goes on without more workers, which do not start (no workers here)"]]);
  const missing = bench({ threads: 2, start: startMissing });
  await expectUsable(missing);
  expect(await missing.pool.ready()).toBe(1);
  await expectUsable(missing);
  warn.mockRestore();
});
