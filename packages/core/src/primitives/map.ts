import { isFloat, type DType } from "../dtype.ts";
import { dtypeError, shapeError } from "../errors.ts";
import type { Forward, Primitive, RuleContext, Sample, SampleInput, Spec } from "../primitive.ts";
import { sameShape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { BinaryRow, Domain, ScalarRow, UnaryRow } from "./scalar-table.ts";

/** A primitive that applies one scalar function to every element, or to every pair. */
export interface MapPrimitive extends Primitive {
  readonly row: ScalarRow;
}

/** A row of a table says everything but its name, which is its key, and its arity, which is the table's. */
export type UnaryTable<Name extends string> = Readonly<Record<Name, Omit<UnaryRow, "name" | "arity">>>;
export type BinaryTable<Name extends string> = Readonly<Record<Name, Omit<BinaryRow, "name" | "arity">>>;
export type MapPrimitives<Name extends string> = Readonly<Record<Name, MapPrimitive>>;

/** The primitives of a table, under the names of their rows. */
export function unaryMaps<Name extends string>(table: UnaryTable<Name>): MapPrimitives<Name> {
  return mapValues(table, (name, row) => mapPrimitive({ ...row, name, arity: 1 }));
}

/** As `unaryMaps`, for functions of two numbers. */
export function binaryMaps<Name extends string>(table: BinaryTable<Name>): MapPrimitives<Name> {
  return mapValues(table, (name, row) => mapPrimitive({ ...row, name, arity: 2 }));
}

function mapValues<Name extends string, R>(
  table: Readonly<Record<Name, R>>,
  make: (name: Name, row: R) => MapPrimitive,
): MapPrimitives<Name> {
  const entries = (Object.keys(table) as Name[]).map((name) => [name, make(name, table[name])]);
  return Object.fromEntries(entries) as MapPrimitives<Name>;
}

function mapPrimitive(row: ScalarRow): MapPrimitive {
  return {
    name: row.name,
    row,
    infer: (ins) => inferMap(row, ins),
    forward: ({ algebra, ins, out }: Forward) => algebra.map(row, ins, out),
    // y = f(a, b) element by element, δy = f_a·δa + f_b·δb, and ⟨dy, f_a·δa⟩ = ⟨f_a·dy, δa⟩, so:
    //   da = f_a·dy      db = f_b·dy, as the row says
    vjp: (dy, ctx) => cotangents(row, dy, ctx),
    samples: samplesOf(row),
    ...(row.linearIn === undefined ? {} : { linearIn: row.linearIn }),
  };
}

function cotangents(row: ScalarRow, dy: Tensor, { ins, out }: RuleContext): readonly (Tensor | null)[] {
  if (row.vjp === undefined || !isFloat(out.dtype)) return ins.map(() => null);
  return row.arity === 1 ? [row.vjp(dy, ins[0]!, out)] : row.vjp(dy, ins[0]!, ins[1]!, out);
}

/** Equal shapes and one dtype that the row accepts: the operations have broadcast before. */
function inferMap({ name, accepts = "float", result }: ScalarRow, ins: readonly Spec[]): Spec {
  const { shape, dtype } = ins[0]!;
  for (const other of ins) {
    if (other.dtype !== dtype) throw dtypeError(name, "operands of one dtype", `${dtype} and ${other.dtype}`, castHint);
    if (sameShape(other.shape, shape)) continue;
    throw shapeError(name, "operands of one shape", `${showShape(shape)} and ${showShape(other.shape)}`);
  }
  const { is, needs } = kinds[accepts];
  if (!is(dtype)) throw dtypeError(name, needs, dtype, castHint);
  return { shape, dtype: result ?? dtype };
}

const castHint = "nothing is converted silently; use cast(x, dtype)";

const kinds: Readonly<Record<NonNullable<ScalarRow["accepts"]>, { is: (dtype: DType) => boolean; needs: string }>> = {
  float: { is: isFloat, needs: "a float dtype (f32, f64, f16)" },
  number: { is: (dtype) => dtype !== "bool", needs: "a float or integer dtype" },
  bits: { is: (dtype) => !isFloat(dtype), needs: "a bool or integer dtype (bool, i32, u32)" },
  any: { is: () => true, needs: "any dtype" },
};

function samplesOf(row: ScalarRow): Sample[] {
  const domains: readonly Domain[] = row.arity === 1 ? [row.domain] : row.domains;
  const sample = (shape: readonly number[], dtype: DType): Sample => ({
    ins: domains.map((domain): SampleInput => ({ shape, dtype, domain })),
    attrs: {},
  });
  const { accepts = "float" } = row;
  const { is } = kinds[accepts];
  const integers: DType[] = ["i32", "u32", "bool"];
  return [
    ...(is("f32") ? [sample([7], "f32"), sample([2, 3], "f32"), sample([], "f32"), sample([0, 2], "f32")] : []),
    ...integers.filter(is).map((dtype) => sample([9], dtype)),
  ];
}
