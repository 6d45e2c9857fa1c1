import { afterEach, describe, expect, test, vi } from "vitest";
import { fresh } from "./fresh.ts";

// Self-contained: it names nothing from outside.
const counter = () => {
  let count = 0;
  return { next: () => ++count };
};

afterEach(() => vi.unstubAllGlobals());

describe("fresh", () => {
  test("makes functions of their own from one source, which keep nothing in common", () => {
    const [a, b] = [fresh(counter), fresh(counter)];
    expect(a.next).not.toBe(b.next);
    expect(String(a.next)).toBe(String(b.next));
    expect([a.next(), a.next(), b.next()]).toEqual([1, 2, 1]);
  });

  test("takes the text, so a name from outside the factory is not there when the function runs", () => {
    const outside = 1;
    const leaky = fresh(() => ({ read: () => outside }));
    expect(() => leaky.read()).toThrow(ReferenceError);
  });

  test("uses the shared function where text may not be evaluated", () => {
    vi.stubGlobal("Function", function forbidden() {
      throw new EvalError("refused by the content security policy");
    });
    const factory = vi.fn<typeof counter>(counter);
    expect(fresh(factory).next()).toBe(1);
    expect(factory).toHaveBeenCalledOnce();
  });
});
