import { drawing, type Draw } from "./draw.ts";

/** Choices that a seed makes. */
export interface Choose {
  /** Numbers in [0, 1), for tensors. */
  readonly draw: Draw;
  /** A whole number from 0 to n − 1. */
  readonly below: (n: number) => number;
  /** One of several. */
  readonly among: <T>(items: readonly T[]) => T;
}

/** The same seed chooses the same on every machine. */
export function choosing(seed: number): Choose {
  const draw = drawing(seed);
  const below = (n: number): number => Math.floor(draw(1)[0]! * n);
  return { draw, below, among: (items) => items[below(items.length)]! };
}
