export * from "./affine.ts";
export type * from "./ir.ts";
export { showKernel } from "./show-kernel.ts";
export type { Target } from "./target.ts";
export { rowMajor, type View } from "./view.ts";
