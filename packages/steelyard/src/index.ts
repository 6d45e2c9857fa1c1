/**
 * Steelyard in one package: tensors and gradients, networks, loss weighting, faces.
 *
 * @module
 */

import { offerDevice } from "@steelyard/core";
import { cpu } from "@steelyard/cpu";

export * from "@steelyard/core";
export * from "@steelyard/faces";
export * from "@steelyard/nn";
export * from "@steelyard/weighting";
// `equal` is the comparison of tensors; the strategy of that name is `weighting.equal`.
export { equal } from "@steelyard/core";
export { cpu, type CpuDevice, type CpuOptions } from "@steelyard/cpu";
export * as weighting from "@steelyard/weighting";
export { device, deviceNames } from "./device.ts";

// What is read before a device is chosen opens the quickest one.
offerDevice(() => cpu());
