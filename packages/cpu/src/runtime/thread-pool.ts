import { SteelyardError, invariant, valueError } from "@steelyard/core";
import type { KernelModule } from "../kernel-module.ts";
import { at, closed, commandAt, commandWords, controlWords, kernelAt } from "./control.ts";
import { kernelStore, type KernelStore } from "./kernel-store.ts";
import type { DeviceMemory } from "./memory.ts";
import { chunksToShare, program, rewind, type Command, type Prepared } from "./program.ts";
import { roster, type Roster } from "./roster.ts";
import { mayBlock, turnLoop, waitHere, waitOutside, type Patience } from "./wait.ts";
import { close, contribute, wakeCaller, wakeWorkers, type Crew } from "./walk.ts";
import { startThread, threadsAreAllowed, type StartThread } from "./worker.ts";

export type { Command, Prepared } from "./program.ts";

export interface PoolOptions {
  /**
   * Threads that work, the calling one included. The default is what the machine runs at once. Always one in a page that
   * is not isolated from other origins, where threads cannot share memory.
   */
  readonly threads?: number;
  /**
   * Whether the calling thread may sleep while others work. The default is what the environment allows: a worker or a
   * Node process may, the main thread of a page may not.
   */
  readonly blocking?: boolean;
  /** Microseconds that a thread without work watches for more before it sleeps. */
  readonly spin?: number;
  /** How workers are started. */
  readonly start?: StartThread;
  /**
   * How many chunks the calling thread does that others could have done, before workers are started: starting one takes
   * milliseconds, in which a process with little to do is done.
   */
  readonly startAfter?: number;
}

/**
 * Threads that run programs of kernels over one device memory. The calling thread is one of them.
 *
 * Workers are started by the first program that has enough work for them, alone or with those before it. It does not wait
 * until they have arrived. They sleep between programs, and do not keep a process alive.
 */
export interface ThreadPool {
  /** Threads that work once all have arrived, the calling one included. */
  readonly threads: number;
  /** The number of a kernel, for commands. The same bytes have the same number. `label` names it in errors. */
  load(module: KernelModule, label: string): number;
  /** A program in device memory, to be run any number of times. */
  prepare(commands: readonly Command[]): Prepared;
  /**
   * Runs the commands `from` … `to` in order. Each sees all that earlier ones wrote. Programs run one after the other,
   * in the order of the calls. Where threads may sleep and no command is very long, the work is done on return, and the
   * event loop does not turn meanwhile; but it has a turn after every 50 ms of such runs.
   *
   * @throws SteelyardError DeviceError when a kernel traps, or a worker dies at work; the pool can be used on
   */
  run(prepared: Prepared, from?: number, to?: number): Promise<void>;
  /** Starts the workers and waits until all have arrived; how many threads there are then. */
  ready(): Promise<number>;
  /** Ends the workers, after the programs that were asked for, and gives back the memory of pool and kernels. */
  close(): Promise<void>;
}

/** Milliseconds that the calling thread sleeps before it lets the event loop run. */
const sleepMilliseconds = 20;
/** Milliseconds of runs after which the event loop has its turn. */
const turnMilliseconds = 50;
/** Long enough that workers stay awake over the small commands in between, which one thread does. */
const spinMicroseconds = 100;
/** Chunks, some 5 ms of work: a product of 256² matrices shares 15, a training step of the reference net 6640 in 150 ms. */
const worthStarting = 256;

/**
 * @see ThreadPool
 * @throws SteelyardError ValueError when `threads` is not a whole number from 1
 */
export function threadPool(memory: DeviceMemory, options: PoolOptions = {}): ThreadPool {
  const { spin = spinMicroseconds, start = startThread, startAfter = worthStarting } = options;
  const threads = threadsAreAllowed() ? (options.threads ?? availableThreads()) : 1;
  if (!Number.isInteger(threads) || threads < 1) throw valueError("cpu", "at least one thread", `${threads}`);
  const control = controlBlock(memory, threads - 1);
  const { words } = memory;
  const kernels = kernelStore(memory);
  const pool: Pool = {
    memory,
    kernels,
    crew: { memory: memory.wasm, control, words, kernels: kernels.runs },
    patience: { spin, sleep: (options.blocking ?? mayBlock(words, control)) ? sleepMilliseconds : 0 },
    workers: roster(threads - 1, {
      context: { memory: memory.wasm, control, spin },
      words,
      start,
      lost: (cause, joined) => lose(pool, cause, joined),
    }),
    loss: null,
    lastTurn: Date.now(),
    startAfter,
  };
  // The last program asked for; null when none is under way.
  let last: Promise<void> | null = null;
  let open = true;

  return {
    threads,
    load: ({ bytes }, label) => kernels.load(bytes, label),
    prepare(commands) {
      const prepared = program(memory, kernels, commands);
      const dispose = (): void => void (last === null ? prepared.dispose() : last.then(() => prepared.dispose()));
      return { ...prepared, dispose };
    },
    run(prepared, from = 0, to = prepared.commands) {
      invariant(open, "a program was run by a pool that is closed");
      invariant(from >= 0 && from <= to && to <= prepared.commands, `a run of commands ${from} to ${to}`);
      const turn = last;
      const run =
        turn === null ? execute(pool, prepared, from, to) : turn.then(() => execute(pool, prepared, from, to));
      const done = (): void => {
        if (last === mine) last = null;
      };
      const mine: Promise<void> = run.then(done, done);
      last = mine;
      return run;
    },
    async ready() {
      pool.workers.fill(threads - 1);
      await waitOutside(words, control, () => pool.workers.complete());
      return pool.workers.arrived() + 1;
    },
    async close() {
      if (!open) return;
      open = false;
      await last;
      await pool.workers.close();
      kernels.dispose();
      memory.free(control * 4);
    },
  };
}

/** First word of a new control block, without a program. */
function controlBlock(memory: DeviceMemory, workers: number): number {
  const length = controlWords(workers);
  const control = memory.allocate(length * 4, "thread pool") / 4;
  memory.words.fill(0, control, control + length);
  Atomics.store(memory.words, control + at.frontier, closed);
  return control;
}

function availableThreads(): number {
  const os = globalThis.process?.getBuiltinModule?.("node:os");
  return os === undefined ? navigator.hardwareConcurrency : os.availableParallelism();
}

/** The state of a pool. */
interface Pool {
  readonly memory: DeviceMemory;
  readonly kernels: KernelStore;
  readonly crew: Crew;
  readonly patience: Patience;
  readonly workers: Roster;
  /** Why the open program was given up: the command it had come to, and how the worker ended. */
  loss: { readonly command: number; readonly cause: string } | null;
  /** When a run last let the event loop turn. */
  lastTurn: number;
  /** So many chunks more that workers could do, and they are started. */
  startAfter: number;
}

async function execute(pool: Pool, prepared: Prepared, from: number, to: number): Promise<void> {
  if (from === to) return;
  const { crew, patience, workers } = pool;
  const { control } = crew;
  if (pool.startAfter > 0) pool.startAfter -= chunksToShare(crew.words, prepared, from, to);
  if (pool.startAfter <= 0) workers.fill(prepared.width - 1);
  openProgram(pool, prepared, from, to);
  for (;;) {
    const generation = contribute(crew);
    if (Atomics.load(crew.words, control + at.frontier) === closed) break;
    const moved = (): boolean => Atomics.load(crew.words, control + at.generation) !== generation;
    if (!waitHere(crew.words, control, moved, patience)) await waitOutside(crew.words, control, moved);
  }
  // What follows may reuse the program's memory, and what its kernels write: nobody must be at it any more.
  const left = (): boolean => workers.allAway();
  if (!waitHere(crew.words, control, left, patience)) await waitOutside(crew.words, control, left);
  // A loop that awaits one run after the other would never let a timer, a signal or the news of a dead worker through.
  if (Date.now() - pool.lastTurn > turnMilliseconds) {
    await turnLoop();
    pool.lastTurn = Date.now();
  }
  throwFailure(pool, prepared);
}

/** Publishes the program: what threads read of it is written before the frontier, which they look at first. */
function openProgram({ memory, crew }: Pool, prepared: Prepared, from: number, to: number): void {
  const { control } = crew;
  const { words } = memory;
  crew.words = words;
  rewind(words, prepared, from, to);
  words[control + at.program] = prepared.word;
  words[control + at.end] = to;
  words[control + at.reach] = words.length;
  words[control + at.failed] = 0;
  Atomics.store(words, control + at.frontier, from);
  Atomics.add(words, control + at.generation, 1);
  const chunks = words[prepared.word + from * commandWords + commandAt.chunks]!;
  if (chunks > 1) wakeWorkers(words, control, chunks - 1);
}

/** A worker that ends at work leaves its chunks undone: the program cannot end, so it is given up. */
function lose(pool: Pool, cause: string, joined: boolean): void {
  const { words, control } = pool.crew;
  if (!joined) return wakeCaller(words, control);
  const command = close(words, control);
  if (command !== closed) pool.loss = { command, cause };
}

function throwFailure(pool: Pool, { word }: Prepared): void {
  const { crew, kernels, loss } = pool;
  const { words, control } = crew;
  pool.loss = null;
  if (loss !== null) {
    const kernel = words[word + loss.command * commandWords + commandAt.kernel]!;
    const got = `a thread that ended (${loss.cause})`;
    throw failure(kernels.label(words[kernel + kernelAt.index]!), "its threads to live until it is done", got);
  }
  if (words[control + at.failed] === 0) return;
  const text = words.subarray(control + at.text, control + at.text + words[control + at.textLength]!);
  const got = String.fromCharCode(...text);
  throw failure(kernels.label(words[control + at.failedKernel]!), "to end without an error", got);
}

function failure(who: string, needs: string, got: string): SteelyardError {
  const hint = "what it was to write holds no values; the device can be used on";
  return new SteelyardError({ code: "DeviceError", who, needs, got, hint });
}
