import { shapeError } from "../errors.ts";
import { transpose } from "../ops/views.ts";
import type { Primitive } from "../primitive.ts";
import { showShape } from "../shape.ts";
import { apply, type Tensor } from "../tensor.ts";
import { commonFloat } from "./operands.ts";

/** The batched matrix product C[b] = A[b]·B[b]: [B, M, K] × [B, K, N] → [B, M, N]. */
export const dotPrimitive: Primitive<Record<string, never>> = {
  name: "dot",
  infer(ins) {
    const [a, b] = [ins[0]!.shape, ins[1]!.shape];
    if (a.length !== 3 || b.length !== 3 || a[0] !== b[0] || a[2] !== b[1]) {
      throw shapeError("dot", "[B, M, K] × [B, K, N]", `${showShape(a)} × ${showShape(b)}`);
    }
    return { shape: [a[0]!, a[1]!, b[2]!], dtype: commonFloat("dot", ins) };
  },
  forward({ algebra, ins: [a, b], out, inSpecs, outSpec }) {
    const [batch, m, n] = outSpec.shape as [number, number, number];
    const k = inSpecs[0]!.shape[2]!;
    for (let i = 0; i < batch; i++) {
      const block = { m, n, k, c: i * m * n, cm: n, cn: 1, a: i * m * k, am: k, ak: 1, b: i * k * n, bk: n, bn: 1 };
      algebra.contract(out, a!, b!, block);
    }
  },
  // δC = δA·B + A·δB, and ⟨dC, δA·B⟩ = ⟨dC·Bᵀ, δA⟩, ⟨dC, A·δB⟩ = ⟨Aᵀ·dC, δB⟩, so:
  //   dA = dC·Bᵀ  [B, M, K]      dB = Aᵀ·dC  [B, K, N]
  vjp: (dC, { ins: [a, b] }) => [dot(dC, swapped(b!)), dot(swapped(a!), dC)],
  linearIn: [0, 1],
  samples: [
    { ins: [{ shape: [1, 3, 4] }, { shape: [1, 4, 2] }], attrs: {} },
    { ins: [{ shape: [3, 1, 5] }, { shape: [3, 5, 1] }], attrs: {} },
    { ins: [{ shape: [2, 2, 1] }, { shape: [2, 1, 3] }], attrs: {} },
  ],
};

/** The product of two batches of matrices of exactly these ranks; `matmul` broadcasts and takes vectors. */
export function dot(a: Tensor, b: Tensor): Tensor {
  return apply(dotPrimitive, [a, b], {});
}

const swapped = (x: Tensor): Tensor => transpose(x, [0, 2, 1]);
