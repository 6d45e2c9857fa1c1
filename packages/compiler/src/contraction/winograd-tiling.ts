import { invariant } from "@steelyard/core";
import { largestDivisor, type FreeAxis, type Product, type SumAxis } from "./product.ts";
import type { Source } from "./sink.ts";
import { tile } from "./winograd-transforms.ts";

// How a convolution is cut into tiles, and these into groups that the caches hold.

/** The axes of a convolution as a product, under their names. */
export interface Axes {
  readonly images: FreeAxis;
  readonly rows: FreeAxis;
  readonly columns: FreeAxis;
  readonly filters: FreeAxis;
  readonly taps: readonly [rows: SumAxis, columns: SumAxis];
  readonly channels: SumAxis;
}

export function axesOf({ free, n, sum }: Product): Axes {
  const [images, ...others] = free as [FreeAxis, ...FreeAxis[]];
  // An axis of residues, or of groups, has size 1.
  const [rows, columns, ...rest] = others.filter(({ size }) => size > 1) as [FreeAxis, FreeAxis];
  const [down, across, channels] = sum as [SumAxis, SumAxis, SumAxis];
  const slides = down.a === rows.a && across.a === columns.a && down.size === 3 && across.size === 3;
  invariant(rest.length === 0 && slides, "a filter of 3 × 3 taps that slides over two axes");
  return { images, rows, columns, filters: n, taps: [down, across], channels };
}

/** The number of tiles along an axis; the last may be kept in part. */
export const tilesAlong = ({ size }: FreeAxis): number => Math.ceil(size / tile.outputs);

/** Tiles that are computed together: so many rows of them in each of so many images, from these on. */
export interface Group {
  readonly image: number;
  readonly images: number;
  readonly row: number;
  readonly down: number;
}

/** All tiles, at most so many rows of them at a time: several images, or some rows of one. */
export function groupsOf({ images, rows }: Axes, most: number): Group[] {
  const down = tilesAlong(rows);
  const together = largestDivisor(images.size, Math.floor(most / down));
  const rowsOfGroup = Math.ceil(down / Math.ceil(down / most));
  return Array.from({ length: images.size / together }, (_, i) =>
    Array.from({ length: Math.ceil(down / rowsOfGroup) }, (__, j): Group => {
      const row = j * rowsOfGroup;
      return { image: i * together, images: together, row, down: Math.min(rowsOfGroup, down - row) };
    }),
  ).flat();
}

/** Outputs of a group along the rows. */
export function outputRows({ rows }: Axes, { row, down }: Group): number {
  return Math.min(tile.outputs * down, rows.size - tile.outputs * row);
}

/** Tiles along an axis, from the first of them on, that keep so many of their outputs. */
export interface Stretch {
  readonly first: number;
  readonly tiles: number;
  readonly kept: number;
}

/** Whole tiles, and the last one if a part of it is kept. */
export function stretchesOf(outputs: number): Stretch[] {
  const whole = Math.floor(outputs / tile.outputs);
  const stretches = [
    { first: 0, tiles: whole, kept: tile.outputs },
    { first: whole, tiles: 1, kept: outputs % tile.outputs },
  ];
  return stretches.filter(({ tiles, kept }) => tiles * kept > 0);
}

/** A value of every tile for each of the 36 places in it; all that belongs to one place lies together. */
export interface Planes {
  readonly source: Source;
  /** Elements from one place to the next. */
  readonly step: number;
}

/** Where the value at row i and column j of every tile begins. */
export const planeAt = ({ step }: Planes, i: number, j: number): number => (tile.values * i + j) * step;

/**
 * Elements from one plane to the next: a few more than a plane has. At multiples of 4 KiB the 36 of a tile would share a
 * few lines of the first-level cache.
 */
export function apart(elements: number): number {
  return Math.ceil(elements / 1024) * 1024 + 80;
}
