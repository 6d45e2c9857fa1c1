import { invariant, type Binding } from "@steelyard/core";
import type { Piece } from "./buffers.ts";
import { deviceBytes } from "./elements.ts";
import type { Pipeline } from "./pipelines.ts";
import type { Prepared } from "./prepared.ts";

/** A prepared program with all that one run of it needs. */
export interface Bound {
  readonly prepared: Prepared;
  readonly pipelines: readonly Pipeline[];
  /** The memory of each of the plan's buffers. */
  readonly pieces: readonly (Piece | null)[];
  readonly bindings: readonly Binding[];
}

/** So many sets of buffers are remembered for each kernel. A step that swaps old and new values needs two. */
const remembered = 8;

/** Puts the dispatches of kernels from … to into one pass; each sees what those before it have stored. */
export function encodeKernels(
  encoder: GPUCommandEncoder,
  bound: Bound,
  from: number,
  to: number,
  timestamps: GPUComputePassTimestampWrites | null = null,
): void {
  const pass = encoder.beginComputePass(timestamps === null ? {} : { timestampWrites: timestamps });
  let current: GPUComputePipeline | null = null;
  for (let i = from; i < to; i++) {
    const { pipeline } = bound.pipelines[i]!;
    if (pipeline !== current) pass.setPipeline((current = pipeline));
    pass.setBindGroup(0, groupOf(bound, i));
    pass.dispatchWorkgroups(...bound.prepared.dispatches[i]!.shader.workgroups);
  }
  pass.end();
}

function groupOf(bound: Bound, i: number): GPUBindGroup {
  const { command, groups } = bound.prepared.dispatches[i]!;
  let key = "";
  for (const buffer of command.buffers) key += `${bound.pieces[buffer]!.id} `;
  const known = groups.get(key);
  if (known !== undefined) return known;
  if (groups.size === remembered) groups.delete(groups.keys().next().value!);
  const made = makeGroup(bound, i);
  groups.set(key, made);
  return made;
}

function makeGroup({ prepared, pipelines, pieces }: Bound, i: number): GPUBindGroup {
  const { session, plan, args, dispatches } = prepared;
  const { device } = session.gpu;
  const { command, starts } = dispatches[i]!;
  const most = device.limits.maxStorageBufferBindingSize;
  const entries = command.buffers.map((position, binding): GPUBindGroupEntry => {
    const piece = pieces[position];
    invariant(piece !== undefined && piece !== null, "a kernel's buffers have memory");
    const { dtype, elements } = plan.buffers[position]!;
    const start = starts[binding]!;
    const size = Math.min(
      boundBytes(deviceBytes(dtype, elements - start)),
      vectorBytes * Math.floor(most / vectorBytes),
    );
    return { binding, resource: { buffer: piece.buffer, offset: deviceBytes(dtype, start), size } };
  });
  const words = args.entries[i]!;
  if (words !== null) entries.push({ binding: entries.length, resource: words });
  return device.createBindGroup({ layout: pipelines[i]!.layout, entries });
}

const vectorBytes = 16;

/** Whole vectors of four elements, for kernels that read those; pieces of memory are never smaller. */
export function boundBytes(bytes: number): number {
  return vectorBytes * Math.max(1, Math.ceil(bytes / vectorBytes));
}
