import { invariant, type DType, type HostArray } from "@steelyard/core";
import { takeAll } from "../runtime/buffers.ts";
import { deviceBytes, wordOf } from "../runtime/elements.ts";
import { boundBytes } from "../runtime/encode.ts";
import { faultError, watched } from "../runtime/faults.ts";
import { usage } from "../runtime/flags.ts";
import { pipelineCache, type Pipeline } from "../runtime/pipelines.ts";
import type { Dispatch, Prepared } from "../runtime/prepared.ts";
import { clockOf } from "../runtime/profile.ts";
import type { Session } from "../runtime/session.ts";
import { placed, readBack, type Stored } from "../runtime/staging.ts";
import type { Shader } from "../shader.ts";
import type { Trial } from "./race.ts";
import { wholeNumbers } from "./whole-numbers.ts";

/** Several shaders of one kernel, to be started one by one. */
interface Trials {
  readonly starts: readonly (() => Promise<Trial>)[];
  /** Gives back their memory. */
  release(): void;
}

/** Makes the contraction in this position of a prepared plan ready to be tried with other shaders. */
export type StartTrials = (prepared: Prepared, position: number, shaders: readonly Shader[]) => Promise<Trials>;

/** Buffers as large as the plan's own, with whole numbers in them. The pipelines of those that lose are soon forgotten. */
export const gpuTrials: StartTrials = async ({ session, plan, dispatches }, position, shaders) => {
  const { gpu, buffers } = session;
  const dispatch = dispatches[position]!;
  const { kernel } = dispatch.command;
  invariant(kernel.kind === "contraction", "only contractions have schedules to try");
  const who = `tuning ${kernel.name}`;
  const elements = dispatch.command.buffers.map((buffer, i) => plan.buffers[buffer]!.elements - dispatch.starts[i]!);
  const sizes = elements.map((count, i) => boundBytes(deviceBytes(kernel.buffers[i]!, count)));
  const taken = await takeAll(buffers, sizes, who);
  const stored = taken.map((piece, i): Stored => ({ piece, dtype: kernel.buffers[i]!, elements: elements[i]! }));
  const words = wordsOf(session, dispatch);
  const patterns = new Map<DType, Stored>();
  const release = (): void => {
    [...stored, ...patterns.values()].forEach(({ piece }) => buffers.give(piece));
    words?.destroy();
  };
  try {
    const count = Math.min(patternElements, Math.max(...elements));
    for (const dtype of new Set(kernel.buffers)) {
      const piece = placed(session, wholeNumbers(kernel, dtype, count), dtype, who);
      patterns.set(dtype, { piece, dtype, elements: count });
    }
    fill(session, stored.slice(0, -1), patterns);
    const cache = pipelineCache(gpu);
    const compiled = shaders.map((shader) => cache.pipeline(shader, kernel.name));
    // Whoever starts the trial hears of it.
    compiled.forEach((pipeline) => pipeline.catch(() => undefined));
    const starts = shaders.map(({ workgroups }, i) => async (): Promise<Trial> => {
      const pipeline = await compiled[i]!;
      const time = runsOf(session, pipeline, workgroups, groupOf(session, pipeline, stored, words));
      const result = async (): Promise<HostArray> => {
        // The same for all, so that it shows who writes where nothing belongs.
        fill(session, stored.slice(-1), patterns);
        await time(1);
        const [values] = await readBack(session, stored.slice(-1), who);
        return values!;
      };
      return { result, time };
    });
    return { starts, release };
  } catch (error) {
    release();
    throw error;
  }
};

/** Runs a kernel so many times in one pass, and answers the milliseconds: by the GPU's clock where it has one. */
function runsOf(
  session: Session,
  { pipeline }: Pipeline,
  workgroups: Shader["workgroups"],
  group: GPUBindGroup,
): (runs: number) => Promise<number> {
  const { device, features } = session.gpu;
  return async (runs) => {
    const clock = features.timestamps ? clockOf(device) : null;
    try {
      const { fault, result: started } = watched(device, () => {
        const encoder = device.createCommandEncoder();
        const pass = encoder.beginComputePass(clock === null ? {} : { timestampWrites: clock.writes });
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        for (let i = 0; i < runs; i++) pass.dispatchWorkgroups(...workgroups);
        pass.end();
        clock?.resolve(encoder);
        const commands = encoder.finish();
        const now = performance.now();
        device.queue.submit([commands]);
        return now;
      });
      await device.queue.onSubmittedWorkDone();
      const elapsed = performance.now() - started;
      const found = await fault;
      session.requireOpen();
      if (found !== null) throw faultError(found, "a trial");
      return (await clock?.read()) ?? elapsed;
    } finally {
      clock?.destroy();
    }
  };
}

/** The offsets of the plan's own buffers, and some number for each runtime number. */
function wordsOf({ gpu: { device } }: Session, { command: { kernel }, shader, offsets }: Dispatch): GPUBuffer | null {
  if (shader.words === 0) return null;
  const numbers = kernel.numbers.map((dtype) => wordOf(dtype, 2));
  const hasOffsets = shader.words > numbers.length;
  const size = 16 * Math.ceil(shader.words / 4);
  const buffer = device.createBuffer({ size, usage: usage.uniform | usage.copyTarget });
  device.queue.writeBuffer(buffer, 0, Uint32Array.from([...(hasOffsets ? offsets : []), ...numbers]));
  return buffer;
}

function groupOf(
  { gpu: { device } }: Session,
  { layout }: Pipeline,
  stored: readonly Stored[],
  words: GPUBuffer | null,
): GPUBindGroup {
  const most = Math.floor(device.limits.maxStorageBufferBindingSize / 16) * 16;
  const resources: GPUBufferBinding[] = stored.map(({ piece, dtype, elements }) => ({
    buffer: piece.buffer,
    size: Math.min(boundBytes(deviceBytes(dtype, elements)), most),
  }));
  if (words !== null) resources.push({ buffer: words });
  return device.createBindGroup({ layout, entries: resources.map((resource, binding) => ({ binding, resource })) });
}

/** How many elements a pattern has at most: a prime, so that rows of no length repeat soon. */
const patternElements = 1_048_573;

/** Fills each buffer with the pattern of its dtype again and again, each from another place of it on. */
function fill({ gpu: { device } }: Session, targets: readonly Stored[], patterns: ReadonlyMap<DType, Stored>): void {
  const encoder = device.createCommandEncoder();
  targets.forEach(({ piece, dtype, elements }, i) => {
    const pattern = patterns.get(dtype)!;
    const whole = deviceBytes(dtype, pattern.elements);
    const wanted = deviceBytes(dtype, elements);
    let from = (i * 4 * 7919) % whole;
    for (let at = 0; at < wanted;) {
      const bytes = Math.min(whole - from, wanted - at);
      encoder.copyBufferToBuffer(pattern.piece.buffer, from, piece.buffer, at, bytes);
      at += bytes;
      from = 0;
    }
  });
  device.queue.submit([encoder.finish()]);
}
