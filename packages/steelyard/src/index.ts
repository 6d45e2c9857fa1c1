/**
 * Steelyard in one package: tensors and gradients, networks, loss weighting, faces.
 *
 * @module
 */

import { offerDevice } from "@steelyard/core";
import { openCpu } from "./device.ts";

export * from "@steelyard/core";
export * from "@steelyard/faces";
export * from "@steelyard/nn";
export * from "@steelyard/weighting";
// `equal` is the comparison of tensors; the strategy of that name is `weighting.equal`.
export { equal } from "@steelyard/core";
export { coordinatedCpu, cpu, type CoordinatedCpu, type CpuDevice, type CpuOptions } from "@steelyard/cpu";
export { webgpu, type WebGpuDevice, type WebGpuOptions } from "@steelyard/webgpu";
export * as weighting from "@steelyard/weighting";
export { device } from "./device.ts";
export { deviceChoice, deviceNames, type DeviceChoice, type DeviceName } from "./device-choice.ts";

// What is read before a device is chosen opens the quickest that can be opened without waiting.
offerDevice(() => openCpu());
