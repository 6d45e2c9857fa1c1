import { winogradMatrices } from "../contraction/winograd-transforms.ts";

// How far a convolution by Winograd's transforms can be from the exact one. Each result is a sum of products of an entry
// of A (twice), of B (twice), of G (twice), an input and a tap, rounded at most `roundings` times on its way. Hence
//
//   |ŷ − y| ≤ γ · Σ |A|·|A| · (|G|·|g|·|Gᵀ|) · (|Bᵀ|·|d|·|B|),     γ = r·u / (1 − r·u) for r roundings,
//
// which is at most γ · growth · channels · max|d| · max|g|. A direct sum has 9 in the place of `growth`.

const magnitude = (row: readonly number[]): number => row.reduce((sum, entry) => sum + Math.abs(entry), 0);

/** (max over i of Σₑ |Aₑᵢ| · Σ |Gₑ·| · Σ |B·ₑ|)²: squared, as the transforms run along rows and along columns. */
export const winogradGrowth: number =
  Math.max(
    ...winogradMatrices.output.map((row) =>
      row.reduce((sum, entry, e) => {
        const { filter, input } = winogradMatrices;
        return sum + Math.abs(entry) * magnitude(filter[e]!) * magnitude(input[e]!);
      }, 0),
    ),
  ) ** 2;

// Along one axis each transform rounds a constant and a product, and adds up to four terms.
const ofTransforms = 2 * 3 * 5;

/** The largest error of a result, given the largest input and tap; `unit` is half the distance from 1 to the next number. */
export function winogradError(
  channels: number,
  largestInput: number,
  largestTap: number,
  unit: number = 2 ** -24,
): number {
  const rounded = (ofTransforms + channels) * unit;
  return (rounded / (1 - rounded)) * winogradGrowth * channels * largestInput * largestTap;
}
