import { digits, nameOf, percent } from "./describe.ts";
import type { Row } from "./row.ts";

/** One figure that was promised, and what was measured. */
export interface Goal {
  readonly what: string;
  readonly needs: string;
  readonly got: string;
  readonly reached: boolean;
}

// Each compares rows that may not be there: then it is null.

export function quickest(rows: readonly Row[]): Row | undefined {
  return rows.toSorted((a, b) => a.ms! - b.ms!)[0];
}

export function whatOf(row: Row): string {
  return `${row.work} ${row.pass}, ${nameOf(row)}`;
}

export function share(row: Row | undefined, least: number): Goal | null {
  if (row?.peakShare == null) return null;
  const reached = row.peakShare >= least;
  return { what: whatOf(row), needs: `≥ ${percent(least)} of the peak`, got: percent(row.peakShare), reached };
}

export function faster(row: Row | undefined, than: Row | undefined, least: number): Goal | null {
  if (row === undefined || than === undefined) return null;
  const factor = than.ms! / row.ms!;
  return {
    what: whatOf(row),
    needs: `≥ ${least} × ${nameOf(than)}`,
    got: `${digits(factor)} ×`,
    reached: factor >= least,
  };
}

export function times(row: Row | undefined, other: Row | undefined, most: number): Goal | null {
  if (row?.ms == null || other?.ms == null) return null;
  const factor = row.ms / other.ms;
  const needs = `≤ ${most} × ${other.work === row.work ? nameOf(other) : other.work}`;
  return { what: whatOf(row), needs, got: `${digits(factor)} ×`, reached: factor <= most };
}

export function perOperation(odd: Row | undefined, even: Row | undefined): Goal | null {
  if (odd?.gflops == null || even?.gflops == null) return null;
  const factor = odd.gflops / even.gflops;
  return { what: whatOf(odd), needs: `≥ 50 % of ${even.work}`, got: percent(factor), reached: factor >= 0.5 };
}

export function atMost(row: Row, ms: number): Goal | null {
  if (row.ms === null) return null;
  return { what: whatOf(row), needs: `≤ ${ms} ms`, got: `${digits(row.ms)} ms`, reached: row.ms <= ms };
}
