import { registry, roundToHalf, type DType } from "@steelyard/core";

// Scalars as the interpreter of core computes them: a function in f64, then rounded to the dtype of its result.

/** A row of core's tables, as far as values go. */
interface Row {
  readonly at: (...operands: number[]) => number;
  readonly integer?: (...operands: number[]) => number;
}

const rows: ReadonlyMap<string, Row> = new Map(
  registry.flatMap((primitive) => ("row" in primitive ? [[primitive.name, primitive.row as Row]] : [])),
);

/** The scalar function of core's tables under this name, for operands of a dtype. */
export function scalarFunction(name: string, dtype: DType): (...operands: number[]) => number {
  const row = rows.get(name);
  if (row === undefined) throw new Error(`no scalar function is called ${name}`);
  return dtype === "i32" || dtype === "u32" ? (row.integer ?? row.at) : row.at;
}

/** What a number becomes when it is stored as the dtype. */
export function rounded(value: number, dtype: DType): number {
  if (dtype === "f32") return Math.fround(value);
  if (dtype === "f16") return roundToHalf(Math.fround(value));
  if (dtype === "i32") return value | 0;
  if (dtype === "u32") return value >>> 0;
  return dtype === "bool" ? Number(value !== 0) : value;
}

/** A number of dtype `from` as one of dtype `to`: fractions are cut off and out of range is the nearest in range. */
export function castValue(value: number, from: DType, to: DType): number {
  const float = from === "f32" || from === "f16" || from === "f64";
  if (!float || (to !== "i32" && to !== "u32")) return rounded(value, to);
  const [low, high] = to === "i32" ? [-0x80000000, 0x7fffffff] : [0, 0xffffffff];
  return rounded(Math.min(Math.max(Math.trunc(value), low), high), to);
}
