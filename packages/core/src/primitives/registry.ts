import type { Primitive } from "../primitive.ts";
import { binary } from "./binary-table.ts";
import { broadcastPrimitive, sumPrimitive } from "./broadcast-sum.ts";
import { castPrimitive } from "./cast.ts";
import { concatPrimitive } from "./concat.ts";
import { convGradFilterPrimitive, convGradInputPrimitive, convPrimitive } from "./conv.ts";
import { cumsumPrimitive } from "./cumsum.ts";
import { dotPrimitive } from "./dot.ts";
import { flipPrimitive } from "./flip.ts";
import { gatherPrimitive, scatterAddPrimitive } from "./gather-scatter.ts";
import { hostSolvePrimitive } from "./host-solve.ts";
import { poolGatherPrimitive, poolScatterPrimitive } from "./max-pool.ts";
import { padPrimitive, slicePrimitive } from "./pad-slice.ts";
import { permutePrimitive } from "./permute.ts";
import { argmaxPrimitive, maxPrimitive, minPrimitive, prodPrimitive } from "./reduce.ts";
import { randomBitsPrimitive } from "./random-bits.ts";
import { reshapePrimitive } from "./reshape.ts";
import { barrierPrimitive, rulePrimitive } from "./rule.ts";
import { argSortPrimitive } from "./sort.ts";
import { constantPrimitive, fillPrimitive, iotaPrimitive, parameterPrimitive } from "./sources.ts";
import { unary } from "./unary-table.ts";
import { wherePrimitive } from "./where.ts";
import { windowSpreadPrimitive, windowSumPrimitive } from "./window-sum.ts";

/** Every primitive there is. To be listed is to be tested, and to run on every device. */
// prettier-ignore
export const registry: readonly Primitive[] = [
  // sources
  constantPrimitive, parameterPrimitive, fillPrimitive, iotaPrimitive, randomBitsPrimitive,
  // maps
  ...Object.values(unary), ...Object.values(binary), wherePrimitive, castPrimitive,
  // views
  reshapePrimitive, permutePrimitive, slicePrimitive, padPrimitive, flipPrimitive, concatPrimitive,
  // broadcasts and reductions
  broadcastPrimitive, sumPrimitive, maxPrimitive, minPrimitive, prodPrimitive, argmaxPrimitive, cumsumPrimitive,
  // contractions
  dotPrimitive, convPrimitive, convGradInputPrimitive, convGradFilterPrimitive,
  // windows
  windowSumPrimitive, windowSpreadPrimitive, poolGatherPrimitive, poolScatterPrimitive,
  // indices
  gatherPrimitive, scatterAddPrimitive, argSortPrimitive,
  // control
  rulePrimitive, barrierPrimitive, hostSolvePrimitive,
];
