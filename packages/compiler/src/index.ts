export * from "./affine.ts";
export type * from "./ir.ts";
