import { describe, expect, it } from "vitest";
import { threefry2x32, threefryFill } from "./threefry.ts";

const ones = 0xffffffff;

describe("threefry2x32", () => {
  it("gives the published words of Random123 (kat_vectors, threefry2x32 20)", () => {
    expect(threefry2x32([0, 0], [0, 0])).toEqual([0x6b200159, 0x99ba4efe]);
    expect(threefry2x32([ones, ones], [ones, ones])).toEqual([0x1cb996fc, 0xbb002be7]);
    expect(threefry2x32([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3])).toEqual([0xc4923a9c, 0x483df7a0]);
  });

  it("answers with unsigned words and does not depend on earlier calls", () => {
    const first = threefry2x32([1, 2], [3, 4]);
    threefry2x32([9, 9], [9, 9]);
    expect(threefry2x32([1, 2], [3, 4])).toEqual(first);
    expect(first.every((word) => Number.isInteger(word) && word >= 0 && word <= ones)).toBe(true);
  });

  it("is a bijection of the counter: no block repeats under one key", () => {
    const seen = new Set(Array.from({ length: 4096 }, (_, i) => threefry2x32([7, 8], [i, 0]).join()));
    expect(seen.size).toBe(4096);
  });
});

describe("threefryFill", () => {
  it("lays down the blocks of consecutive counters", () => {
    const out = new Uint32Array(64);
    threefryFill([5, 6], out);
    for (let i = 0; i < 32; i++) expect([out[2 * i], out[2 * i + 1]]).toEqual(threefry2x32([5, 6], [i, 0]));
  });

  it("starts at any counter, so pieces of a long sequence can be drawn alone", () => {
    const whole = new Uint32Array(40);
    const tail = new Uint32Array(20);
    threefryFill([5, 6], whole);
    threefryFill([5, 6], tail, 10);
    expect(tail).toEqual(whole.subarray(20));
  });

  it("carries from the low counter word into the high one", () => {
    const out = new Uint32Array(4);
    threefryFill([5, 6], out, 0xffffffff);
    expect([...out]).toEqual([...threefry2x32([5, 6], [ones, 0]), ...threefry2x32([5, 6], [0, 1])]);
  });

  it("drops the last word of an odd length", () => {
    const out = new Uint32Array(3);
    threefryFill([5, 6], out);
    expect([...out]).toEqual([...threefry2x32([5, 6], [0, 0]), threefry2x32([5, 6], [1, 0])[0]]);
  });
});
