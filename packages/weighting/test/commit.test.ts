import { hostSolve, step, sum, Variable } from "@steelyard/core";
import { describe, expect, it } from "vitest";
import { fixed, weighter } from "../src/index.ts";
import type { OnDegenerate, Weighed, Weighter } from "../src/index.ts";

/** A weighing of losses, and a parameter whose next value waits for the same commit. */
function underway(
  losses: readonly number[],
  onDegenerate: OnDegenerate = "throw",
): { balance: Weighter; p: Variable; weighed: Weighed } {
  const balance = weighter(fixed({ weights: [1, 2] }), { tasks: ["a", "b"], onDegenerate });
  const p = new Variable(1, { name: "p" });
  const weighed = balance.weigh({ losses });
  p.assign(p.value.add(1));
  return { balance, p, weighed };
}

describe("a weighing has one commit", () => {
  const refused = {
    code: "UsageError",
    message: expect.stringContaining("a weighing that waits for its commit") as string,
  };

  it("and no second one, which would record its step twice", async () => {
    const balance = weighter(fixed({ weights: [1, 2] }), { tasks: ["a", "b"] });
    const weighed = balance.weigh({ losses: [1, 2] });
    expect((await weighed.commit()).iteration).toBe(0);
    await expect(weighed.commit()).rejects.toMatchObject(refused);
    expect(await balance.endEpoch()).toEqual({ meanLosses: [1, 2], epoch: 0 });
  });

  it("and none once it was discarded or replaced, without touching the one that replaced it", async () => {
    const balance = weighter(fixed({ weights: [1, 2] }), { tasks: ["a", "b"] });
    const discarded = balance.weigh({ losses: [1, 2] });
    discarded.discard();
    await expect(discarded.commit()).rejects.toMatchObject(refused);
    const first = balance.weigh({ losses: [3, 4] });
    const second = balance.weigh({ losses: [5, 6] });
    await expect(first.commit()).rejects.toMatchObject(refused);
    expect((await second.commit()).losses).toEqual([5, 6]);
  });

  it("and may come after a `step` of core that committed it", async () => {
    const { p, weighed } = underway([1, 2]);
    await step();
    expect(await weighed.commit()).toMatchObject({ committed: true, iteration: 0, losses: [1, 2] });
    expect(p.version).toBe(1);
  });

  it("and after a `step` of core that the gate refused, the same error once more: nothing is said to be committed", async () => {
    const { p, weighed, balance } = underway([1, NaN]);
    const refusal = { code: "NonFinite", message: expect.stringContaining("a loss of NaN for task b") as string };
    await expect(step()).rejects.toMatchObject(refusal);
    p.assign(5);
    await expect(weighed.commit()).rejects.toMatchObject(refusal);
    // What was recorded since waits for a step of its own.
    expect(p.version).toBe(0);
    await expect(weighed.commit()).rejects.toMatchObject(refused);
    await step();
    expect(await p.value.item()).toBe(5);
    expect((await balance.weigh({ losses: [1, 2] }).commit()).iteration).toBe(0);
  });

  it("and a record that says so, where the policy was to skip", async () => {
    const { p, weighed } = underway([1, NaN], "previous");
    await expect(step()).rejects.toThrow("the step is skipped");
    expect(await weighed.commit()).toMatchObject({ committed: false, events: [{ task: "b", answer: "skipped" }] });
    expect(p.version).toBe(0);
  });

  it.each(["throw", "previous"] as const)(
    "and none after a `step` of core that failed behind the gate (%s)",
    async (policy) => {
      const { p, weighed, balance } = underway([1, 2], policy);
      const q = new Variable(0);
      q.assign(hostSolve([sum(weighed.weights)], [[]], () => Promise.reject(new Error("no solution")))[0]!);
      await expect(step()).rejects.toThrow("no solution");
      await expect(weighed.commit()).rejects.toMatchObject(refused);
      expect([p.version, q.version]).toEqual([0, 0]);
      expect(await balance.endEpoch()).toEqual({ meanLosses: [0, 0], epoch: 0 });
    },
  );

  it("and is refused where another weighing of the same step was", async () => {
    const failing = { code: "NonFinite" };
    const [bad, after] = [underway([NaN, 1]), underway([1, 2])];
    await expect(bad.weighed.commit()).rejects.toMatchObject(failing);
    await expect(after.weighed.commit()).rejects.toMatchObject(refused);
    const [before, worse] = [underway([1, 2]), underway([NaN, 1])];
    await expect(worse.weighed.commit()).rejects.toMatchObject(failing);
    await expect(before.weighed.commit()).rejects.toMatchObject(refused);
    const [one, two] = [underway([3, 4]), underway([1, 2])];
    expect((await one.weighed.commit()).losses).toEqual([3, 4]);
    expect((await two.weighed.commit()).losses).toEqual([1, 2]);
  });
});
