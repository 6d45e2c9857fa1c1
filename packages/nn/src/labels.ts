import { SteelyardError, tensor, type Tensor } from "@steelyard/core";

/**
 * Class numbers as an i32 tensor [N], checked while they are still on the host: on a device nobody could complain.
 *
 * @throws DataError when a label is not a whole number in 0 … classes − 1
 * @example crossEntropy(logits, labels(Int32Array.of(3, 0, 6), 7))
 */
export function labels(values: Int32Array | readonly number[], classes: number): Tensor {
  const at = values.findIndex((label) => !Number.isInteger(label) || label < 0 || label >= classes);
  if (at < 0) return tensor(Int32Array.from(values), { dtype: "i32" });
  throw new SteelyardError({
    code: "DataError",
    who: "labels",
    needs: `whole numbers in 0 … ${classes - 1}`,
    got: `${values[at]} at index ${at}`,
    hint: "give samples without a label any class and mask them: crossEntropy(logits, labels, { mask })",
  });
}
