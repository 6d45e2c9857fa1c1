import { describe, expect, test } from "vitest";
import { netFlops, referenceNet } from "../net/net-shape.ts";
import { catalogue, comparedTogether, twins } from "./catalogue.ts";
import { convWorks, outputShape } from "./conv.ts";
import { flopsOf } from "./cost.ts";
import { operandsOf } from "./operands.ts";
import type { Work } from "./work.ts";

/** Of the longest sum that a piece of work contains. */
const terms = (work: Work): number => {
  if (work.kind === "matmul") return work.k;
  if (work.kind !== "conv") return 0;
  const { batch, size, kernel, channels, filters } = work.shape;
  const taps = kernel[0] * kernel[1];
  return Math.max(taps * channels, taps * filters, batch * size[0] * size[1]);
};

const byTitle = (a: Work, b: Work): number => `${a.name} ${a.pass}`.localeCompare(`${b.name} ${b.pass}`);

describe("the work", () => {
  test("has a name and a pass of its own each", () => {
    const titles = catalogue().map(({ name, pass }) => `${name} ${pass}`);
    expect(new Set(titles).size).toBe(titles.length);
  });

  test("is named by channels, kernel, oddities and size", () => {
    const names = new Set(catalogue().map(({ name }) => name));
    const promised = [
      "64→64 3×3 56²",
      "128→128 3×3 28²",
      "256→256 3×3 14²",
      "32→64 3×3 80²",
      "128→128 1×7 17²",
      "128→128 7×1 17²",
      "3→32 3×3 s2 160²",
      "256→128 1×1 17²",
      "128→128 3×3 s2 28²",
      "128→128 3×3 d2 28²",
      "128→128 3×3 g4 28²",
      "3→37 3×3 53×59",
      "4→40 3×3 56×60",
      "matmul 1024",
      "matmul 511×513×510",
      "elementwise ×10 4M",
      "reference net",
      "empty step, 500 nodes",
    ];
    expect(promised.filter((name) => !names.has(name))).toEqual([]);
  });

  test("holds the even twin of every odd shape, and the odd one costs no more", () => {
    const forward = new Map(catalogue().map((work) => [`${work.name} ${work.pass}`, flopsOf(work)!]));
    expect(twins.size).toBe(7);
    for (const [odd, even] of twins) {
      expect(forward.get(`${odd} forward`)).toBeLessThanOrEqual(forward.get(`${even} forward`)!);
    }
  });

  test("stands together with what it is compared with, each once", () => {
    const groups = comparedTogether(catalogue());
    expect(groups.flat().toSorted(byTitle)).toEqual(catalogue().toSorted(byTitle));
    const withOthers = groups.filter(({ length }) => length > 1).map((group) => group.map(({ name }) => name));
    const even = ["128→128 3×3 28²", "128→128 3×3 s2 28²", "128→128 3×3 d2 28²", "128→128 3×3 g4 28²"];
    expect(withOthers.slice(0, 4)).toEqual([even, even, even, even]);
    expect(withOthers.at(-1)).toEqual(["elementwise ×10 4M", "memory copy 4M"]);
    for (const group of groups) expect(new Set(group.map(({ pass }) => pass)).size).toBe(1);
  });

  test("counts every tap of every output as a multiply-add, and three passes as three", () => {
    const [forward, , , all] = convWorks({
      channels: 6,
      filters: 10,
      kernel: [3, 1],
      stride: 2,
      groups: 2,
      size: [5, 8],
    });
    expect(outputShape(forward!.shape)).toEqual([8, 3, 4, 10]);
    expect(flopsOf(forward!)).toBe(2 * 8 * 3 * 4 * 10 * (3 * 3));
    expect(flopsOf(all!)).toBe(3 * flopsOf(forward!)!);
  });

  test("of a step of the reference net is the 20.25 GFLOP that it is known by", () => {
    expect((netFlops(referenceNet) / 1e9).toFixed(2)).toBe("20.25");
  });

  test("sums whole numbers small enough to be exact in f32", () => {
    // |a·b| ≤ 4, and whole numbers are exact up to 2²⁴.
    expect(Math.max(...catalogue().map(terms)) * 4).toBeLessThanOrEqual(2 ** 24);
    const [tiny] = convWorks({ channels: 3, filters: 5, kernel: [3, 3], size: [4, 4] });
    const values = new Set(operandsOf(tiny!).flatMap(({ data }) => [...data]));
    expect([...values].toSorted((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  });
});
