import type { ContractionSchedule } from "../wgsl/contraction-schedule.ts";

/** What has been found out about contractions of one bucket. */
export interface TableEntry {
  /** The quickest; null: none is clearly quicker than the default. */
  readonly schedule: ContractionSchedule | null;
  /** How many times as quick as the default it is. */
  readonly gain: number;
}

/** What has been found out on one adapter, with the shaders of one version of this package. */
export interface TuningTable {
  readonly adapter: string;
  readonly version: string;
  /** By bucket. */
  readonly entries: ReadonlyMap<string, TableEntry>;
}

export function printTable({ adapter, version, entries }: TuningTable): string {
  const sorted = [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ adapter, version, entries: Object.fromEntries(sorted) }, null, 2)}\n`;
}

/** @throws Error which says what is wrong with the text */
export function parseTable(text: string): TuningTable {
  const { adapter, version, entries } = recordOf(JSON.parse(text), "a table");
  if (typeof adapter !== "string" || typeof version !== "string") throw new Error("it names no adapter or no version");
  const parsed = Object.entries(recordOf(entries, "entries")).map(
    ([bucket, value]) => [bucket, parseEntry(value)] as const,
  );
  return { adapter, version, entries: new Map(parsed) };
}

function parseEntry(value: unknown): TableEntry {
  const { schedule, gain } = recordOf(value, "an entry");
  if (typeof gain !== "number") throw new Error("an entry has no gain");
  return { schedule: schedule === null ? null : parseSchedule(schedule), gain };
}

function parseSchedule(value: unknown): ContractionSchedule {
  const { kind, rows, columns, depth, along, lanes, invocations } = recordOf(value, "a schedule");
  const sizes = { rows: countOf(rows), columns: countOf(columns), depth: countOf(depth) };
  if (kind === "registers" && (along === "m" || along === "n")) return { kind, ...sizes, along, lanes: countOf(lanes) };
  if (kind === "workgroup" && Array.isArray(invocations) && invocations.length === 2)
    return { kind, ...sizes, invocations: [countOf(invocations[0]), countOf(invocations[1])] };
  throw new Error("a schedule is of no known kind");
}

function countOf(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw new Error(`a schedule has ${JSON.stringify(value)} where a count should be`);
}

function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${what} is not an object`);
}
