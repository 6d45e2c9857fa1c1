/**
 * Steelyard in one package: tensors and gradients, networks, loss weighting, faces.
 *
 * @module
 */

export * from "@steelyard/core";
export * from "@steelyard/faces";
export * from "@steelyard/nn";
export * from "@steelyard/weighting";
// `equal` is the comparison of tensors; the strategy of that name is `weighting.equal`.
export { equal } from "@steelyard/core";
export * as weighting from "@steelyard/weighting";
export { device, deviceNames } from "./device.ts";
