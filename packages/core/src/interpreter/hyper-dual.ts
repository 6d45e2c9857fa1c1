import type { Algebra } from "./algebra.ts";
import { nilpotentAlgebra } from "./dual.ts";

/**
 * Hyper-dual numbers x + x₁ε₁ + x₂ε₂ + x₁₂ε₁ε₂ with ε₁² = ε₂² = 0. The last part of f is f′·x₁₂ + f″·x₁x₂: an exact
 * second derivative. Planes: [value, ε₁, ε₂, ε₁ε₂].
 *
 * Source: Fike & Alonso, "The development of hyper-dual numbers for exact second-derivative calculations" (AIAA
 * 2011-886).
 */
export const hyperDualAlgebra: Algebra = nilpotentAlgebra("hyper-dual", 4);
