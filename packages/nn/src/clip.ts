import { div, full, isFinite, maximum, norm, stack, valueError, where, type Tensor } from "@steelyard/core";

/**
 * Gradients scaled together so that their common length is at most `maxNorm`: g_i · maxNorm / max(‖g‖, maxNorm) with
 * ‖g‖² = Σ_i ‖g_i‖². Directions stay; short gradients, zero included, stay bit for bit.
 *
 * A norm that is not finite makes every gradient NaN, so that an overflow shows instead of being scaled away.
 *
 * Source: Pascanu, Mikolov & Bengio, arXiv 1211.5063, section 3.2.
 *
 * @returns the clipped gradients, and the norm before clipping as a scalar to read
 * @example const { gradients: clipped } = clipByGlobalNorm(gradients(loss, optimiser.parameters), 5);
 */
export function clipByGlobalNorm(
  gradients: readonly Tensor[],
  maxNorm: number,
): { readonly gradients: readonly Tensor[]; readonly norm: Tensor } {
  if (!(maxNorm > 0)) throw valueError("clipByGlobalNorm", "maxNorm > 0", String(maxNorm));
  if (gradients.length === 0) return { gradients, norm: full([], 0) };
  const length = norm(stack(gradients.map((gradient) => norm(gradient))));
  const ratio = div(maxNorm, maximum(length, maxNorm));
  const scale = where(isFinite(length), ratio, NaN);
  return { gradients: gradients.map((gradient) => gradient.mul(scale)), norm: length };
}
