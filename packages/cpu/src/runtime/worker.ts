import { at, closed, seat } from "./control.ts";
import { spinUntil } from "./wait.ts";
import { contribute, wakeCaller, type Crew, type Run } from "./walk.ts";

/** What a worker is told when it starts; all else it reads in shared memory. */
export interface Assignment {
  readonly memory: WebAssembly.Memory;
  /** First word of the control block. */
  readonly control: number;
  /** The word in which it says what it does. */
  readonly seat: number;
  /** Microseconds it watches for work before it sleeps. */
  readonly spin: number;
}

/** A worker as its pool sees it. */
export interface Thread {
  end(): Promise<unknown>;
}

/**
 * Starts a worker that serves the pool, and calls `ended` when it is no more. `startThread` is the default; another one
 * is needed where a bundler has to see `new Worker(...)` to build the worker's file, which then calls `serve`.
 */
export type StartThread = (assignment: Assignment, ended: (cause: string) => void) => Thread;

const role = "steelyard cpu thread";
export const isNode: boolean = globalThis.process?.getBuiltinModule !== undefined;

/** What is needed of Node's module, so that who uses the package needs no types of Node. */
export interface NodeThreads {
  readonly workerData: unknown;
  readonly parentPort: NodePort | null;
  readonly Worker: new (
    file: URL,
    options: { readonly workerData: unknown; readonly argv: string[]; readonly execArgv: string[] },
  ) => NodeWorker;
}

interface NodePort {
  postMessage(message: unknown): void;
  on(event: "message", hear: (message: unknown) => void): unknown;
}

interface NodeWorker extends NodePort {
  on(event: "message", hear: (message: unknown) => void): unknown;
  on(event: "error", hear: (error: Error) => void): unknown;
  on(event: "exit", hear: (code: number) => void): unknown;
  ref(): void;
  unref(): void;
  terminate(): Promise<unknown>;
}

/**
 * The builtin module when there is one, without an import that a bundler for browsers would stumble over. Node takes
 * milliseconds to load it, so only where threads are started.
 */
export function nodeThreads(): NodeThreads | undefined {
  return globalThis.process?.getBuiltinModule?.("node:worker_threads");
}

/** Whether threads can share memory here: in Node always, in a browser when the page is isolated from other origins. */
export function threadsAreAllowed(): boolean {
  return isNode || globalThis.crossOriginIsolated;
}

/** What a browser says of a worker that is no more; it says nothing of a file that did not load. */
export function whyEnded({ message }: Partial<ErrorEvent>): string {
  return message ?? "its file could not be loaded";
}

/** The thread runs this same file, whose own address is right for the source and for what is built of it. */
export const startThread: StartThread = (assignment, ended) => {
  const file = new URL(import.meta.url);
  const node = nodeThreads();
  if (node === undefined) {
    const thread = new Worker(file, { type: "module", name: role });
    // An error that nobody catches ends a thread in Node; a browser lets it live on.
    thread.addEventListener("error", (event) => {
      thread.terminate();
      ended(whyEnded(event));
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
    thread.postMessage(assignment);
    return { end: async () => thread.terminate() };
  }
  // Without the options of this process: `--input-type` and `--eval`, say, are not for a thread with a file.
  const thread = new node.Worker(file, { workerData: { [role]: assignment }, argv: [role], execArgv: [] });
  let cause = "";
  thread.on("error", (error: Error) => (cause = error.message));
  thread.on("exit", (code) => ended(cause === "" ? `exit code ${code}` : cause));
  // A process with nothing left to do may end while its workers sleep.
  thread.unref();
  return { end: () => thread.terminate() };
};

/** A worker's life, without end: it works, watches for a moment whether there is more, and sleeps. */
export function serve({ memory, control, seat: place, spin }: Assignment, kernels: (Run | undefined)[] = []): void {
  const crew: Crew = { memory, control, words: new Int32Array(memory.buffer), kernels };
  Atomics.store(crew.words, place, seat.away);
  wakeCaller(crew.words, control);
  for (;;) {
    Atomics.store(crew.words, place, seat.joined);
    const generation = contribute(crew);
    Atomics.store(crew.words, place, seat.away);
    const { words } = crew;
    // The caller may be waiting for all to have left a program that is closed.
    if (Atomics.load(words, control + at.frontier) === closed) wakeCaller(words, control);
    if (spinUntil(() => Atomics.load(words, control + at.generation) !== generation, spin)) continue;
    Atomics.add(words, control + at.sleepers, 1);
    Atomics.wait(words, control + at.generation, generation);
    Atomics.sub(words, control + at.sleepers, 1);
  }
}

// This file is also imported by the pool, and any thread may do so: only a worker that was started for it serves. What it
// was given would load the module, so its arguments are asked first.
if (!isNode) {
  if (self.name === role) addEventListener("message", ({ data }) => serve(data as Assignment), { once: true });
} else if (process.argv.at(-1) === role) {
  const assignment = (nodeThreads()!.workerData as Record<string, Assignment> | null)?.[role];
  if (assignment !== undefined) serve(assignment);
}
