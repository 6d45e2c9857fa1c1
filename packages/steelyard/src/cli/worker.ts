import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { setDefaultDevice, SteelyardError, type ErrorDetails } from "@steelyard/core";
import { trainFaces, withSharedImages, type Score, type SharedImages } from "@steelyard/faces";
import type { StepRecord } from "@steelyard/weighting";
import type { TrainOptions } from "./options.ts";
import { loadProtocols } from "./protocols.ts";
import { openRunDevice, type Settled } from "./run-device.ts";
import { strategyNamed } from "./strategies.ts";

/** One strategy on one problem, as plain data: it crosses to a thread. */
export interface Job {
  readonly options: Settled<TrainOptions>;
  /** Position in `loadProtocols(options)`. */
  readonly protocol: number;
  /** Position in that protocol's problems. */
  readonly fold: number;
  readonly strategy: string;
  /** Where the threads of one problem keep its images. */
  readonly images: SharedImages;
}

type Message =
  { readonly step: StepRecord } | { readonly scores: readonly Score[] } | { readonly failure: ErrorDetails };

/**
 * Trains in a thread of its own, on a device of its own, so that strategies run side by side.
 *
 * @throws SteelyardError as `trainFaces` throws it there, or as `onStep` does here
 * @throws DeviceError when the thread or its device has no memory left
 */
export function runJob(job: Job, onStep: (record: StepRecord) => void, signal: AbortSignal): Promise<readonly Score[]> {
  // The thread runs this same file, whose own address is right for the source and for what is built of it.
  const thread = new Worker(new URL(import.meta.url), { workerData: { job } });
  signal.addEventListener("abort", () => void thread.terminate());
  return new Promise((resolve, reject) => {
    const hear = (message: Message): void => {
      if ("step" in message) onStep(message.step);
      else if ("scores" in message) resolve(message.scores);
      else reject(new SteelyardError(message.failure));
    };
    thread.on("message", (message: Message) => {
      try {
        hear(message);
      } catch (error) {
        reject(error);
      }
    });
    thread.on("error", (error: Error) => reject(wantsMemory(error) ? outOfMemory(job.strategy, error) : error));
    thread.on("exit", (code) => reject(new Error(`the thread of ${job.strategy} ended early, with code ${code}`)));
  });
}

/** A heap that is full ends a thread with the first; an array too large for the machine throws the second. */
function wantsMemory(error: Error & { readonly code?: string }): boolean {
  return error.code === "ERR_WORKER_OUT_OF_MEMORY" || /array buffer allocation failed/iu.test(error.message);
}

function outOfMemory(who: string, { message: got }: Error): SteelyardError {
  const hint = "lower --batch, --size or --samples";
  return new SteelyardError({ code: "DeviceError", who, needs: "more memory than there is", got, hint });
}

async function work(job: Job, send: (message: Message) => void): Promise<void> {
  try {
    send({ scores: await trainedScores(job, send) });
  } catch (error) {
    // Errors lose their class on the way to another thread; details are plain data.
    if (!(error instanceof SteelyardError)) throw error;
    send({ failure: error.details });
  }
}

async function trainedScores(
  { options, protocol, fold, strategy, images }: Job,
  send: (message: Message) => void,
): Promise<readonly Score[]> {
  const opened = await openRunDevice(options);
  setDefaultDevice(opened.device);
  try {
    const protocols = await loadProtocols(options);
    const { scores } = await trainFaces({
      problem: withSharedImages(protocols[protocol]!.problems[fold]!, images),
      strategy: strategyNamed(strategy),
      steps: options.steps,
      batchSize: options.batch,
      learningRate: options.learningRate,
      dropout: options.dropout,
      seed: options.seed,
      onStep: (step) => send({ step }),
    });
    return scores;
  } finally {
    await opened.close();
  }
}

/** What `runJob` passes; another thread may import this file with other data, or none. */
interface ThreadData {
  readonly job?: Job;
}

if (!isMainThread) {
  const { job } = (workerData ?? {}) as ThreadData;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  if (job !== undefined) await work(job, (message) => parentPort?.postMessage(message));
}
