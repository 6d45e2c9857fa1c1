import { shapeError } from "../errors.ts";
import { dot } from "../primitives/dot.ts";
import { commonFloat } from "../primitives/operands.ts";
import { broadcastShapes, showShape, sizeOf } from "../shape.ts";
import { toTensors, type Tensor, type TensorLike } from "../tensor.ts";
import { broadcastTo, reshape } from "./views.ts";

/**
 * The matrix product C[…, m, n] = Σ_k A[…, m, k] · B[…, k, n]: [..., M, K] × [..., K, N] → [..., M, N].
 *
 * Leading axes are a batch and broadcast against each other. A vector on the left is a row, one on the right a column,
 * and the axis it lacks is missing from the result: [K] × [K] → [].
 *
 * @example matmul(tensor([[1, 2], [3, 4]]), tensor([10, 1])) // [12, 34]
 * @throws ShapeError when the inner sizes differ or an operand is a scalar
 * @throws DTypeError when the operands are not floats of one dtype
 */
export function matmul(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = toTensors([a, b]) as [Tensor, Tensor];
  commonFloat("matmul", [x, y]);
  const left = x.rank === 1 ? [1, ...x.shape] : x.shape;
  const right = y.rank === 1 ? [...y.shape, 1] : y.shape;
  const k = left.at(-1);
  if (left.length < 2 || right.length < 2 || k !== right.at(-2)) {
    const hint = "transpose one side, or reshape a vector to [1, K] or [K, 1]";
    throw shapeError("matmul", "[M, K] × [K, N]", `${showShape(x.shape)} × ${showShape(y.shape)}`, hint);
  }
  const [m, n] = [left.at(-2)!, right.at(-1)!];
  const batch = broadcastShapes("matmul", left.slice(0, -2), right.slice(0, -2));
  const out = [...batch, ...(x.rank === 1 ? [] : [m]), ...(y.rank === 1 ? [] : [n])];
  // One matrix for the whole batch: all rows of A go through it in one product, and nothing is repeated.
  if (sizeOf(right.slice(0, -2)) === 1) {
    return reshape(dot(reshape(x, [1, sizeOf(batch) * m, k!]), reshape(y, [1, k!, n])), out);
  }
  const lead = sizeOf(batch);
  const many = (t: Tensor, rows: number, columns: number, shape: readonly number[]): Tensor =>
    reshape(broadcastTo(reshape(t, shape), [...batch, rows, columns]), [lead, rows, columns]);
  return reshape(dot(many(x, m, k!, left), many(y, k!, n, right)), out);
}
