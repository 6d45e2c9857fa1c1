import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  defaultDevice,
  hostSolve,
  interpreter,
  iota,
  memory,
  realise,
  scope,
  setDefaultDevice,
  step,
  tensor,
  Variable,
  zeros,
  type Device,
} from "../src/index.ts";

let before: Device;
beforeEach(() => {
  before = defaultDevice();
  setDefaultDevice(interpreter());
});
afterEach(() => setDefaultDevice(before));

const stored = (): number => memory.report().count;

describe("storage is held once", () => {
  it("when the first use of a Variable is a read", async () => {
    const w = new Variable([1, 2]);
    await w.value.data();
    expect(stored()).toBe(1);
  });

  it("when the first value of one Variable reads another, and both are first needed in one plan", async () => {
    const w = new Variable([1, 2]);
    const slot = new Variable(w.value.mul(0));
    expect([...(await w.value.add(slot.value).data())]).toEqual([1, 2]);
    expect(stored()).toBe(2);
  });

  it("after steps that failed: what they would have overwritten is given back by the next", async () => {
    const w = new Variable([1, 2]);
    for (let i = 0; i < 3; i++) {
      const [refused] = hostSolve([w.value], [[2]], () => Promise.reject(new Error("no")));
      w.assign(w.value.add(refused!));
      await expect(step()).rejects.toThrow("no");
      w.assign(w.value.add(1));
      await step();
    }
    expect(stored()).toBe(1);
    expect(await w.value.array()).toEqual([4, 5]);
  });
});

describe("a Variable's value", () => {
  it("outlives the scope in which it was realised", async () => {
    const w = new Variable([1, 2]);
    {
      using memoryOfBlock = scope();
      void memoryOfBlock;
      await realise(w);
    }
    expect(await w.value.add(1).array()).toEqual([2, 3]);
  });

  it("is gone after dispose, until the next commit", async () => {
    const w = new Variable([1, 2], { name: "w" });
    await w.value.data();
    w.dispose();
    await expect(w.value.data()).rejects.toMatchObject({ code: "DisposedTensor" });
    await expect(w.value.add(1).data()).rejects.toMatchObject({ code: "DisposedTensor" });
    w.assign(tensor([3, 4]));
    await step();
    expect(await w.value.array()).toEqual([3, 4]);
  });

  it("may be reset with one source again and again", async () => {
    const w = new Variable([1, 2]);
    for (const constant of [zeros([2]), iota([2], 0, "f32"), tensor([5, 6])]) {
      const first = await constant.array();
      for (let i = 0; i < 2; i++) {
        w.assign(constant);
        await step();
        expect(await w.value.array()).toEqual(first);
        w.assign(w.value.add(1));
        await step();
      }
    }
  });
});
