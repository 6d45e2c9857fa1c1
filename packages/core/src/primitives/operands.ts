import { isFloat, type DType } from "../dtype.ts";
import { dtypeError } from "../errors.ts";
import type { Spec } from "../primitive.ts";

/** Refuses truth values where numbers are added, multiplied or compared. */
export function requireNumbers(who: string, { dtype }: Spec): void {
  if (dtype === "bool") throw dtypeError(who, "numbers", "bool", 'cast first: cast(x, "i32")');
}

/** The float dtype that all operands share: sums of products are defined for floats of one kind. */
export function commonFloat(who: string, ins: readonly Spec[]): DType {
  const dtype = ins[0]!.dtype;
  if (isFloat(dtype) && ins.every((x) => x.dtype === dtype)) return dtype;
  throw dtypeError(who, "operands of one float dtype", ins.map((x) => x.dtype).join(", "), "cast(x, dtype) converts");
}
