export type { KernelModule } from "./kernel-module.ts";
