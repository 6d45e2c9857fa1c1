import { invariant, type Binding } from "@steelyard/core";
import type { Piece } from "./buffers.ts";
import { deviceBytes } from "./elements.ts";
import { deviceError, showBytes } from "./faults.ts";
import type { Pipeline } from "./pipelines.ts";
import type { Dispatch, Prepared } from "./prepared.ts";

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
  const { command } = dispatches[i]!;
  const entries = command.buffers.map((buffer, binding): GPUBindGroupEntry => {
    const piece = pieces[buffer];
    invariant(piece !== undefined && piece !== null, "a kernel's buffers have memory");
    const { dtype, elements } = plan.buffers[buffer]!;
    const size = boundBytes(deviceBytes(dtype, elements));
    requireBindable(size, device.limits.maxStorageBufferBindingSize, dispatches[i]!);
    return { binding, resource: { buffer: piece.buffer, size } };
  });
  const words = args.entries[i]!;
  if (words !== null) entries.push({ binding: entries.length, resource: words });
  return device.createBindGroup({ layout: pipelines[i]!.layout, entries });
}

/** Whole vectors of four elements, for kernels that read those; pieces of memory are never smaller. */
function boundBytes(bytes: number): number {
  return Math.max(16, Math.ceil(bytes / 16) * 16);
}

function requireBindable(bytes: number, most: number, { command }: Dispatch): void {
  if (bytes <= most) return;
  throw deviceError(
    `${showBytes(bytes)} in one buffer of ${command.kernel.name}`,
    `a device whose kernels see ${showBytes(most)} of a buffer`,
    "use smaller batches",
  );
}
