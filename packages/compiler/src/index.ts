export * from "./affine.ts";
export { collapsed } from "./collapse.ts";
export { allParts, expressionsOf, keyOf, partsOf } from "./expression.ts";
export { runHostCommand, type HostCommand } from "./host-command.ts";
export type * from "./ir.ts";
export { showPlan, type Command, type Place, type Plan, type PlanBuffer } from "./plan.ts";
export type { Piece, Room, Window } from "./pieces/cutting.ts";
export { windowsOf, type Pieces } from "./pieces/windows-of.ts";
export { planOf } from "./planner/planner.ts";
export {
  allOf,
  axesInUse,
  axesOfIndex,
  axisSet,
  guardsOf,
  indicesOf,
  keptOf,
  rewriting,
  rootsOf,
  withRoots,
  type AxisSet,
} from "./rewriting.ts";
export { showKernel } from "./show-kernel.ts";
export type { Target, WinogradTarget } from "./target.ts";
export type { View } from "./view.ts";
