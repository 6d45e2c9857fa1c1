import { interpreter } from "@steelyard/core";
import { describe, expect, test } from "vitest";
import { benchWorks, seatsOf, type Plan } from "./bench-works.ts";
import type { Effort } from "./effort.ts";
import { TooSlow } from "./hosts/too-slow.ts";
import { memoryCopy } from "./implementations/memory.ts";
import type { Implementation } from "./implementations/implementation.ts";
import { steelyard } from "./implementations/steelyard.ts";
import { wantedBy } from "./options.ts";
import { benchPeaks } from "./peak/bench-peaks.ts";
import { inProcessHost } from "./testing/in-process-host.ts";
import { twins } from "./works/catalogue.ts";
import type { Work } from "./works/work.ts";

const effort: Effort = { rounds: 2, runs: 1, time: 0, patience: 1000, limit: 1000 };
const product: Work = { kind: "matmul", name: "matmul 4", pass: "forward", m: 4, k: 4, n: 4 };
const copy: Work = { kind: "copy", name: "memory copy 8", pass: "forward", size: 8 };
const empty: Work = { kind: "emptyStep", name: "empty step", pass: "step", nodes: 20 };
const ours = steelyard("interpreter", 1, () => interpreter());

/** Somebody whose runs take so many milliseconds by their own clock, after what is done to our results. */
function peer(impl: string, ms: number, change: (result: Float32Array) => Float32Array = (x) => x): Implementation {
  return {
    ...ours,
    impl,
    async prepare(work) {
      const prepared = await ours.prepare(work);
      return { ...prepared, run: async () => ms, result: async () => change(await prepared.result()) };
    },
  };
}

async function bench(part: Partial<Plan> & Pick<Plan, "hosts">) {
  const plan: Plan = { works: [product], effort, wanted: () => true, say: () => undefined, ...part };
  return benchWorks(plan, await seatsOf(plan));
}

describe("the harness", () => {
  test("gives medians, GFLOP/s, and the share of the peak on as many threads", async () => {
    const host = inProcessHost("peers", [peer("one", 2e-3), { ...peer("two", 1e-3), threads: 2 }]);
    const title = { work: "matmul 4", pass: "forward", device: "interpreter" };
    // 128 operations in 2 µs are 0.064 GFLOP/s.
    expect(await bench({ hosts: [host] })).toEqual([
      { ...title, impl: "one", threads: 1, ms: 2e-3, gflops: 0.064, peakShare: 0.064, error: null },
      { ...title, impl: "two", threads: 2, ms: 1e-3, gflops: 0.128, peakShare: 0.064, error: null },
    ]);
  });

  test("lets all take turns, a first round for the compilers of the engine, and gives back what was prepared", async () => {
    const [one, two] = [inProcessHost("one", [peer("one", 1)]), inProcessHost("two", [peer("two", 1)])];
    const order: string[] = [];
    for (const host of [one, two]) {
      const ask = host.ask.bind(host);
      host.ask = (request, limit) => (order.push(`${host.name} ${request.kind}`), ask(request, limit));
    }
    await bench({ hosts: [one, two] });
    expect(order).toEqual([
      "one contenders",
      "two contenders",
      "one prepare",
      "two prepare",
      "one round",
      "two round",
      "one round",
      "two round",
      "one round",
      "two round",
      "one release",
      "two release",
    ]);
  });

  test("lets works that are compared take turns too", async () => {
    const [odd, even] = [...twins][0]!;
    const works: Work[] = [{ ...product, name: odd }, product, { ...product, name: even }];
    const host = inProcessHost("peers", [peer("one", 1)]);
    const rows = await bench({ hosts: [host], works });
    expect(rows.map(({ work }) => work)).toEqual([odd, even, product.name]);
    const rounds = host.asked.flatMap((request) => (request.kind === "round" ? [request.id] : []));
    expect(rounds).toEqual([1, 2, 1, 2, 1, 2, 3, 3, 3]);
  });

  test("times nothing that is wrong, missing or failing, and says why", async () => {
    const wrong = peer("wrong", 1, (x) => x.map((y) => y + 1));
    const missing = { ...peer("missing", 1), available: async () => "no such device" };
    const unable = { ...peer("unable", 1), prepare: () => Promise.reject(new Error("has no products\nat some line")) };
    const broken: Implementation = {
      ...peer("broken", 1),
      prepare: async (work) => ({ ...(await ours.prepare(work)), run: () => Promise.reject(new Error("broke down")) }),
    };
    const host = inProcessHost("peers", [wrong, missing, unable, broken, peer("right", 1)]);
    const rows = await bench({ hosts: [host] });
    expect(rows.map(({ impl, ms, error }) => [impl, ms, error])).toEqual([
      ["wrong", null, expect.stringMatching(/^wrong: number 0 is -?\d+ where -?\d+ is due$/)],
      ["missing", null, "no such device"],
      ["unable", null, "has no products"],
      ["broken", null, expect.stringContaining("broke down")],
      ["right", 1, null],
    ]);
  });

  test("gives copies to the copier, empty steps to us, and arithmetic to all but the copier", async () => {
    const host = inProcessHost("all", [ours, peer("peer", 1), memoryCopy]);
    const rows = await bench({ hosts: [host], works: [product, copy, empty] });
    expect(rows.map(({ work, impl }) => `${work}: ${impl}`)).toEqual([
      "matmul 4: steelyard",
      "matmul 4: peer",
      "memory copy 8: memory",
      "empty step: steelyard",
    ]);
    expect(rows.every(({ ms, error }) => ms !== null && ms >= 0 && error === null)).toBe(true);
    expect(rows.map(({ gflops }) => gflops === null)).toEqual([false, false, true, true]);
  });

  test("asks only those that --only names, by work, implementation or device", async () => {
    const host = inProcessHost("all", [ours, peer("peer", 1)]);
    const works = [product, empty];
    const only = async (text: string) => {
      const rows = await bench({ hosts: [host], works, wanted: wantedBy(text, []) });
      return rows.map(({ work, impl }) => `${work}: ${impl}`);
    };
    expect(await only("peer")).toEqual(["matmul 4: peer"]);
    expect(await only("empty")).toEqual(["empty step: steelyard"]);
    expect(await only("interpreter")).toEqual(["matmul 4: steelyard", "matmul 4: peer", "empty step: steelyard"]);
  });

  test("does not try what would take too long by what is known", async () => {
    const host = inProcessHost("slow", [peer("slow", 500)]);
    const large: Work = { ...product, name: "matmul 8", m: 8, k: 8, n: 8 };
    const rows = await bench({ hosts: [host], works: [product, large] });
    expect(rows.map(({ error }) => error)).toEqual([null, "not run: 4 s or more at 3e-7 GFLOP/s"]);
  });

  test("does not try again what had no end", async () => {
    const host = inProcessHost("hanging", [peer("hanging", 1)]);
    const ask = host.ask.bind(host);
    host.ask = async (request, limit) => {
      if (request.kind === "prepare") throw new TooSlow(limit);
      return ask(request, limit);
    };
    const large: Work = { ...product, name: "matmul 8", m: 8, k: 8, n: 8 };
    const rows = await bench({ hosts: [host], works: [product, large] });
    expect(rows.map(({ error }) => error)).toEqual(["no result within 1 s", "not run: 8 s or more at 1e-7 GFLOP/s"]);
  });

  test("gives the peaks that shares refer to, one for each family in use", async () => {
    const [used, idle] = [inProcessHost("used", [peer("one", 1)]), inProcessHost("idle", [])];
    const rows = await bench({ hosts: [used] });
    expect(await benchPeaks([used, idle], rows, 3)).toEqual([
      {
        work: "peak loop, 1 GFLOP",
        pass: "forward",
        impl: "peak",
        device: "128-bit FMA",
        threads: 1,
        ms: 1e3,
        gflops: 1,
        peakShare: 1,
        error: null,
      },
    ]);
  });
});
