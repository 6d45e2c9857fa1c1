import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { at } from "./control.ts";
import { mayBlock, spinUntil, turnLoop, waitHere, waitOutside } from "./wait.ts";
import { wakeCaller } from "./walk.ts";

const control = 8;
const controlBlock = (): Int32Array => new Int32Array(new SharedArrayBuffer(4 * (control + at.seats)));

test("who is no longer waited for does not silence the word for those who wait on", async () => {
  const words = controlBlock();
  let [soon, late] = [false, false];
  const waits = [waitOutside(words, control, () => late), waitOutside(words, control, () => soon)];
  await sleep(1);
  soon = true;
  wakeCaller(words, control);
  await waits[1];
  waitHere(words, control, () => true, { spin: 0, sleep: 1 });
  late = true;
  wakeCaller(words, control);
  await waits[0];
  expect(mayBlock(words, control)).toBe(true);
});

test("a wait in this thread ends when its time is up, and holds where the condition does", () => {
  const words = controlBlock();
  const start = performance.now();
  expect(waitHere(words, control, () => false, { spin: 5, sleep: 2 })).toBe(false);
  expect(performance.now() - start).toBeGreaterThanOrEqual(2);
  let looks = 0;
  expect(waitHere(words, control, () => ++looks > 100, { spin: 1_000_000, sleep: 2 })).toBe(true);
  expect(looks).toBe(101);
});

test("without patience a wait looks once", () => {
  let looks = 0;
  const look = (): boolean => ++looks > 1;
  expect(waitHere(controlBlock(), control, look, { spin: 0, sleep: 0 })).toBe(false);
  expect(looks).toBe(1);
  expect(spinUntil(look, 0)).toBe(true);
});

test.each([
  { where: "in Node", immediate: globalThis.setImmediate },
  { where: "as in a browser", immediate: undefined },
])("a loop that lets others have their turn starves no timer, $where", async ({ immediate }) => {
  vi.stubGlobal("setImmediate", immediate);
  try {
    const timer = vi.fn();
    setTimeout(timer, 5);
    const end = performance.now() + 5000;
    while (timer.mock.calls.length === 0 && performance.now() < end) await turnLoop();
    expect(timer).toHaveBeenCalledOnce();
  } finally {
    vi.unstubAllGlobals();
  }
});
