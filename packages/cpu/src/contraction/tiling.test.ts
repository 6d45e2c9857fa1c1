import { describe, expect, it } from "vitest";
import { families } from "./families.ts";
import { usualLimits } from "./limits.ts";
import { convFilterGradient, convForward, matrixProduct } from "./testing/example-kernels.ts";
import { tilingOf, type Tiling } from "./tiling.ts";

const panels = { b: "panels", columns: 16 } as const;
const rows = { b: "rows", columns: 16 } as const;
const tiling = (kernel: Parameters<typeof tilingOf>[0]): Tiling => tilingOf(kernel, families.wide, usualLimits);

describe("how a contraction is cut", () => {
  it("balances tiles: 17 rows are 6, 6 and 5", () => {
    const { regions } = tiling(matrixProduct(17, 8, 16, panels));
    expect(regions.map(({ tiles }) => tiles)).toStrictEqual([{ count: 3, size: 5, larger: 2 }]);
  });

  it("gives what is left of the columns a narrow panel, with more rows", () => {
    const { regions } = tiling(matrixProduct(24, 8, 37, panels));
    expect(
      regions.map(({ width, columns, panels: count, tiles }) => [width, columns, count, tiles.count]),
    ).toStrictEqual([
      [16, 16, 2, 4],
      [8, 5, 1, 2],
    ]);
  });

  it("gives few rows wide tiles, where B lies in rows", () => {
    expect(
      tiling(matrixProduct(1, 8, 200, rows)).regions.map(({ width, panels: count }) => [width, count]),
    ).toStrictEqual([
      [96, 2],
      [8, 1],
    ]);
  });

  it("joins filter columns and channels to one run", () => {
    const { regions, turns } = tiling(convForward({ n: 2, c: 5, o: 7, h: 9, w: 9, kh: 3, kw: 3 }, panels));
    expect(turns).toBe(1);
    expect(regions[0]!.inside.map(({ size }) => size)).toStrictEqual([3, 15]);
  });

  it("cuts the long sums of a filter gradient into blocks of some rows of the image", () => {
    const shape = { n: 8, c: 64, o: 64, h: 56, w: 56, kh: 3, kw: 3 };
    const { regions, blocks, turns } = tiling(convFilterGradient(shape, rows));
    expect(regions[0]!.outside.map(({ size }) => size)).toStrictEqual([8]);
    expect(regions[0]!.inside.map(({ size }) => size)).toStrictEqual([56, 56]);
    expect([blocks, turns]).toStrictEqual([13, 104]);
  });

  it("makes one chunk of a small product, and enough of a large one", () => {
    const shape = { n: 8, c: 64, o: 64, h: 56, w: 56, kh: 3, kw: 3 };
    const kernels = [
      matrixProduct(8, 100, 7, panels),
      matrixProduct(256, 256, 256, panels),
      matrixProduct(1024, 1024, 1024, panels),
      matrixProduct(8, 1024, 4096, panels),
      convForward(shape, panels),
      convFilterGradient(shape, rows),
    ];
    const chunks = kernels.map((kernel) => tiling(kernel).chunks);
    expect(chunks[0]).toBe(1);
    for (const count of chunks.slice(1)) {
      expect(count).toBeGreaterThanOrEqual(8);
      expect(count).toBeLessThanOrEqual(64);
    }
  });
});
