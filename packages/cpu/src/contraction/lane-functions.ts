import { isFloat, type DType } from "@steelyard/core";
import { f32x4, i32x4, types, v128, type Code, type Locals } from "../assembler/assembler.ts";

/** A function of four lanes at once. Floats and integers are their values, bool is a mask of all bits or none. */
type LaneFunction = (locals: Locals, ...operands: Code[]) => Code;

const zero = i32x4.const(0, 0, 0, 0);
const ones = i32x4.const(-1, -1, -1, -1);
const one = f32x4.const(1, 1, 1, 1);

/** The same constant in four lanes. */
export function constantLanes(dtype: DType, value: number): Code {
  if (dtype === "bool") return value === 0 ? zero : ones;
  return isFloat(dtype) ? f32x4.const(value, value, value, value) : i32x4.const(value, value, value, value);
}

const lift =
  (operation: (...operands: Code[]) => Code): LaneFunction =>
  (_, ...operands) =>
    operation(...operands);

const twice =
  (operation: (a: Code, b: Code) => Code): LaneFunction =>
  (locals, x) => {
    const kept = locals.add(types.v128);
    return operation(kept.tee(x!), kept.get);
  };

// prettier-ignore
const floats: Readonly<Record<string, LaneFunction>> = {
  add: lift(f32x4.add), sub: lift(f32x4.sub), mul: lift(f32x4.mul), div: lift(f32x4.div),
  maximum: lift(f32x4.max), minimum: lift(f32x4.min), relu: (_, x) => f32x4.max(x!, zero),
  neg: lift(f32x4.neg), abs: lift(f32x4.abs), sqrt: lift(f32x4.sqrt), square: twice(f32x4.mul),
  reciprocal: (_, x) => f32x4.div(one, x!),
  floor: lift(f32x4.floor), ceil: lift(f32x4.ceil), round: lift(f32x4.nearest),
  equal: lift(f32x4.eq), notEqual: lift(f32x4.ne),
  less: lift(f32x4.lt), lessEqual: lift(f32x4.le), greater: lift(f32x4.gt), greaterEqual: lift(f32x4.ge),
};

// prettier-ignore
const integers: Readonly<Record<string, LaneFunction>> = {
  add: lift(i32x4.add), sub: lift(i32x4.sub), mul: lift(i32x4.mul), neg: lift(i32x4.neg),
  equal: lift(i32x4.eq), notEqual: lift(i32x4.ne),
};

// prettier-ignore
const signed: Readonly<Record<string, LaneFunction>> = {
  maximum: lift(i32x4.maxS), minimum: lift(i32x4.minS),
  less: lift(i32x4.ltS), lessEqual: lift(i32x4.leS), greater: lift(i32x4.gtS), greaterEqual: lift(i32x4.geS),
};

// prettier-ignore
const unsigned: Readonly<Record<string, LaneFunction>> = {
  maximum: lift(i32x4.maxU), minimum: lift(i32x4.minU),
  less: lift(i32x4.ltU), lessEqual: lift(i32x4.leU), greater: lift(i32x4.gtU), greaterEqual: lift(i32x4.geU),
};

// prettier-ignore
const masks: Readonly<Record<string, LaneFunction>> = {
  and: lift(v128.and), or: lift(v128.or), xor: lift(v128.xor), not: lift(v128.not),
  notEqual: lift(v128.xor), equal: (_, a, b) => v128.not(v128.xor(a!, b!)),
};

const bits = { and: masks.and!, or: masks.or!, xor: masks.xor!, not: masks.not! };

const tables: Readonly<Record<DType, Readonly<Record<string, LaneFunction>>>> = {
  f64: {},
  f32: floats,
  f16: {},
  i32: { ...integers, ...signed, ...bits },
  u32: { ...integers, ...unsigned, ...bits },
  bool: masks,
};

/** The scalar function of this name on operands of this type; undefined where an epilogue cannot hold it. */
export function laneFunction(name: string, dtype: DType): LaneFunction | undefined {
  const table = tables[dtype];
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Four lanes in another type; undefined where an epilogue cannot hold it. */
export function castLanes(value: Code, from: DType, to: DType): Code | undefined {
  if (from === to) return value;
  if (from === "bool" && to === "f32") return v128.and(value, one);
  if (from === "bool" && to !== "f16" && to !== "f64") return v128.and(value, i32x4.const(1, 1, 1, 1));
  if (to === "bool" && from === "f32") return f32x4.ne(value, zero);
  if (to === "f32" && from === "i32") return f32x4.convertI32x4S(value);
  if (to === "f32" && from === "u32") return f32x4.convertI32x4U(value);
  return undefined;
}
