import { unitsOf, type Operand } from "./contraction-operand.ts";
import { isExact } from "./contraction-store.ts";
import type { GroupTile } from "./contraction-group.ts";
import type { Tile } from "./contraction-tile.ts";

// What a register tile costs on an adapter that computes on the processor. Such adapters execute a subgroup as one vector,
// and arithmetic goes eight lanes at a time; but a load is a loop over the lanes with a test of bounds in it, however
// close together the places are. So loads decide, and the unit of cost is one multiply-add of all lanes, 0.3 ns.
//
// Compiling is dear as well, above all places where memory is read or written, each about 30 ms. It counts as if the
// kernel were run some hundred times, so that small kernels are short, and large ones quick.
const costs = {
  loadOfFour: 140,
  loadOfOne: 90,
  handedOn: 0.3,
  stored: 60,
  tile: 300,
  block: 10,
  kept: 1.2,
  placeCompiled: 1e6,
  productCompiled: 4e4,
};

/** Terms times rows times columns of a block at most: it is written out, and the time to compile it grows with them. */
export const longestBlock = 320;

/** The cost of the whole contraction, in multiply-adds of a subgroup. */
export function estimatedCost(tile: Tile): number {
  const { kernel, own, shared, depth, lanes, storesFours } = tile;
  const outer = kernel.outer.reduce((count, { size }) => count * size, 1);
  const tiles = (outer * shared.count * own.count) / lanes;
  const nest = kernel.k.slice(0, -1).reduce((count, { size }) => count * size, 1);
  const inner = kernel.k.at(-1)!.size;
  const parts = [
    { count: Math.floor(inner / depth), depth },
    { count: 1, depth: inner % depth },
  ].filter((block) => block.count * block.depth > 0);
  const blocks = parts.reduce((sum, block) => sum + block.count * blockCost(tile, block.depth), 0);
  const stores = (own.size * shared.size * costs.stored) / (storesFours ? 2.5 : 1);
  const ragged = isExact(own) && isExact(shared) ? 0 : costs.tile;
  const compiled = parts.reduce((sum, block) => sum + compileCost(tile, block.depth), 0);
  return tiles * (nest * blocks + stores + costs.tile + ragged) + compiled;
}

/** Loads of a block: of the shared rows, handed on, and of an invocation's own. */
function loadsOf({ own, shared, lanes }: Tile, depth: number): readonly [shared: number, own: number] {
  return [
    Math.ceil(unitsOf(shared.operand, shared.size, depth).length / lanes),
    unitsOf(own.operand, own.size, depth).length,
  ];
}

function compileCost(tile: Tile, depth: number): number {
  const [sharedLoads, ownLoads] = loadsOf(tile, depth);
  const products = tile.own.size * tile.shared.size * depth;
  return (sharedLoads + ownLoads) * costs.placeCompiled + products * costs.productCompiled;
}

function blockCost(tile: Tile, depth: number): number {
  const { own, shared, lanes } = tile;
  const each = ({ unit }: Operand): number => (unit.rows * unit.depth === 4 ? costs.loadOfFour : costs.loadOfOne);
  const [sharedLoads, ownLoads] = loadsOf(tile, depth);
  const loads = sharedLoads * each(shared.operand) + ownLoads * each(own.operand);
  const handed = lanes === 1 ? 0 : shared.size * depth * costs.handedOn;
  // Sums are loaded and stored between blocks, masked.
  const kept = own.size * shared.size * costs.kept;
  return loads + handed + own.size * shared.size * depth + kept + costs.block;
}

// GPUs: an invocation reads rows + columns words from workgroup memory for rows · columns multiply-adds, and a block reads
// as many from memory for all of its invocations. Blocks run side by side on many units, so few blocks leave units idle.
const gpu = { word: 1.5, memory: 8, units: 128, start: 200 };

/** The time of the whole contraction if the blocks are spread over the units of a GPU, in multiply-adds of an invocation. */
export function groupCost(tile: GroupTile): number {
  const { kernel, rows, columns, depth, batch, invocations } = tile;
  const count = batch.reduce((blocks, axis) => blocks * kernel.outer[axis]!.size, rows.blocks * columns.blocks);
  const nest = kernel.k.slice(0, -1).reduce((terms, { size }) => terms * size, 1);
  const terms = nest * Math.ceil(kernel.k.at(-1)!.size / depth) * depth;
  const products = rows.each * columns.each + gpu.word * (rows.each + columns.each);
  const loads = (gpu.memory * (rows.size + columns.size)) / invocations;
  // A unit is busy with about 256 invocations; smaller workgroups share it.
  const waves = Math.max(1, (count * invocations) / (256 * gpu.units));
  return waves * (terms * (products + loads) + gpu.start);
}
