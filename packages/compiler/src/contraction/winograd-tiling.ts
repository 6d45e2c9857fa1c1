import { invariant } from "@steelyard/core";
import { largestDivisor, type FreeAxis, type Product, type SumAxis } from "./product.ts";
import type { Source } from "./sink.ts";
import { tile } from "./winograd-transforms.ts";

// How a convolution is cut into tiles, and these into batches that the caches hold.

/** The axes of a convolution as a product, under their names. */
export interface Axes {
  readonly images: FreeAxis;
  readonly rows: FreeAxis;
  readonly columns: FreeAxis;
  readonly groups: FreeAxis;
  /** Of one group, as the filters are. */
  readonly channels: SumAxis;
  readonly filters: FreeAxis;
  readonly taps: readonly [rows: SumAxis, columns: SumAxis];
}

export function axesOf({ free, n, sum }: Product): Axes {
  // At stride 1 the inputs of an input gradient have residues too, one along each axis.
  const [images, rows, columns, groups] = free.length === 4 ? free : [0, 1, 3, 5].map((i) => free[i]);
  const [down, across, channels] = sum as [SumAxis, SumAxis, SumAxis];
  return {
    images: images!,
    rows: rows!,
    columns: columns!,
    groups: groups!,
    channels,
    filters: n,
    taps: [down, across],
  };
}

/** Channels or filters of all groups. */
export const inputsOf = ({ groups, channels }: Axes): number => groups.size * channels.size;
export const outputsOf = ({ groups, filters }: Axes): number => groups.size * filters.size;

/** The outputs that neighbouring taps see, along both axes: every d-th from `first` on, where taps lie d apart. */
export interface Lattice {
  readonly first: readonly [row: number, column: number];
  /** Rows and columns are those of the lattice: neighbouring taps see neighbours. */
  readonly axes: Axes;
}

/** A dilated filter slides over each of d × d lattices as an undilated one does over an image. */
export function latticesOf(axes: Axes): Lattice[] {
  const [rows, columns] = [everyNth(axes.rows, axes.taps[0]), everyNth(axes.columns, axes.taps[1])];
  return rows.flatMap((row, i) =>
    columns.map((column, j): Lattice => ({ first: [i, j], axes: { ...axes, rows: row, columns: column } })),
  );
}

function everyNth(axis: FreeAxis, taps: SumAxis): FreeAxis[] {
  const step = taps.a / axis.a;
  invariant(taps.size === 3 && Number.isInteger(step) && step > 0, "three taps that slide along an axis");
  return Array.from({ length: Math.min(step, axis.size) }, (_, first) => ({
    ...strided(axis, step),
    size: Math.ceil((axis.size - first) / step),
  }));
}

/** Every n-th index of an axis, without its size. */
export function strided({ size, a, b, c, beside }: FreeAxis, n: number): FreeAxis {
  return { size, a: n * a, b: n * b, c: n * c, beside: beside.map((step) => n * step) };
}

/** The number of tiles along an axis; the last may be kept in part. */
export const tilesAlong = ({ size }: FreeAxis): number => Math.ceil(size / tile.outputs);

/** Tiles of a lattice that are computed together: so many rows of them in each of so many images, from these on. */
export interface Batch extends Lattice {
  readonly image: number;
  readonly images: number;
  readonly row: number;
  readonly down: number;
}

/** All tiles, at most so many rows of them at a time: several images, or some rows of one. */
export function batchesOf(lattice: Lattice, most: number): Batch[] {
  const { images, rows } = lattice.axes;
  const down = tilesAlong(rows);
  const together = largestDivisor(images.size, Math.floor(most / down));
  const rowsOfBatch = Math.ceil(down / Math.ceil(down / most));
  return Array.from({ length: images.size / together }, (_, i) =>
    Array.from({ length: Math.ceil(down / rowsOfBatch) }, (__, j): Batch => {
      const row = j * rowsOfBatch;
      return { ...lattice, image: i * together, images: together, row, down: Math.min(rowsOfBatch, down - row) };
    }),
  ).flat();
}

export function tilesOf({ axes, images, down }: Batch): number {
  return images * down * tilesAlong(axes.columns);
}

/** Outputs of a batch along the rows. */
export function outputRows({ axes, row, down }: Batch): number {
  return Math.min(tile.outputs * down, axes.rows.size - tile.outputs * row);
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
