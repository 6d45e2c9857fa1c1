import { at, closed, commandAt, commandWords, kernelAt, textLimit } from "./control.ts";

/** A kernel's function, as its module exports it. */
export type Run = (args: number, chunk: number) => void;

/** What a thread needs to work: its own view of the shared words, and its own instances of the kernels. */
export interface Crew {
  readonly memory: WebAssembly.Memory;
  /** First word of the control block. */
  readonly control: number;
  words: Int32Array;
  readonly kernels: (Run | undefined)[];
}

/**
 * Does all that is to be done now in the open program, and returns the generation after which there may be more.
 *
 * Every thread runs this same code. At the frontier it takes chunks from the command's counter until none is left. Who
 * finishes the last chunk of all moves the frontier on; nobody passes it before. So a step sees all that earlier steps
 * wrote, and it does not matter how many threads there are, or when each arrives.
 */
export function contribute(crew: Crew): number {
  const { control } = crew;
  for (;;) {
    const generation = Atomics.load(crew.words, control + at.generation);
    const command = Atomics.load(crew.words, control + at.frontier);
    if (command === closed) return generation;
    if (crew.words.length < crew.words[control + at.reach]!) renewWords(crew);
    if (!step(crew, command)) return generation;
  }
}

/** One thread's share of a step. True when this thread finished the step. */
function step(crew: Crew, command: number): boolean {
  const { words, control } = crew;
  const start = words[control + at.program]!;
  const place = start + command * commandWords;
  const chunks = words[place + commandAt.chunks]!;
  if (chunks <= 1) return Atomics.add(words, place + commandAt.taken, 1) === 0 && serialStep(crew, command);
  const finished = takeChunks(crew, command, place, chunks);
  if (finished === 0 || Atomics.add(words, place + commandAt.done, finished) + finished < chunks) return false;
  return advance(crew, command, words[place + commandAt.next]!);
}

/** Runs chunks until all are taken; how many it finished. */
function takeChunks(crew: Crew, command: number, place: number, chunks: number): number {
  const { words, control } = crew;
  const kernel = words[place + commandAt.kernel]!;
  const args = words[place + commandAt.args]!;
  let finished = 0;
  try {
    const run = kernelOf(crew, kernel);
    for (;;) {
      const chunk = Atomics.add(words, place + commandAt.taken, 1);
      if (chunk >= chunks) return finished;
      run(args, chunk);
      finished++;
      // Another thread may have failed: then there is no use in going on.
      if (Atomics.load(words, control + at.frontier) !== command) return 0;
    }
  } catch (error) {
    fail(crew, words[kernel + kernelAt.index]!, error);
    return 0;
  }
}

/** Commands of at most one chunk each, up to the next step or the program's end. */
function serialStep(crew: Crew, command: number): boolean {
  const { words, control } = crew;
  const start = words[control + at.program]!;
  const next = words[start + command * commandWords + commandAt.next]!;
  const stop = Math.min(next, words[control + at.end]!);
  for (let each = command; each < stop; each++) {
    const place = start + each * commandWords;
    if (words[place + commandAt.chunks] === 0) continue;
    const kernel = words[place + commandAt.kernel]!;
    try {
      kernelOf(crew, kernel)(words[place + commandAt.args]!, 0);
    } catch (error) {
      fail(crew, words[kernel + kernelAt.index]!, error);
      return false;
    }
  }
  return advance(crew, command, next);
}

/** Moves the frontier from a finished step to the next; false when a failure has closed the program meanwhile. */
function advance({ words, control }: Crew, command: number, next: number): boolean {
  const ended = next >= words[control + at.end]!;
  const to = ended ? closed : next;
  if (Atomics.compareExchange(words, control + at.frontier, command, to) !== command) return false;
  Atomics.add(words, control + at.generation, 1);
  const start = words[control + at.program]!;
  const chunks = ended ? 0 : words[start + next * commandWords + commandAt.chunks]!;
  // A step for one thread is done by who came here: let the others sleep.
  if (ended || chunks > 1) wakeCaller(words, control);
  if (chunks > 1) wakeWorkers(words, control, chunks - 1);
  return true;
}

/** Wakes the calling thread if it sleeps. */
export function wakeCaller(words: Int32Array, control: number): void {
  if (Atomics.load(words, control + at.caller) === 0) return;
  Atomics.store(words, control + at.caller, 0);
  Atomics.notify(words, control + at.caller);
}

/** Wakes up to so many sleeping workers: no more than there is work for. */
export function wakeWorkers(words: Int32Array, control: number, count: number): void {
  if (Atomics.load(words, control + at.sleepers) > 0) Atomics.notify(words, control + at.generation, count);
}

/** Closes the program, so that every thread leaves it; the first failure is the one that is kept. */
function fail({ words, control }: Crew, kernel: number, error: unknown): void {
  if (Atomics.compareExchange(words, control + at.failed, 0, 1) === 0) {
    const text = (error instanceof Error ? error.message : String(error)).slice(0, textLimit);
    words[control + at.failedKernel] = kernel;
    words[control + at.textLength] = text.length;
    for (let i = 0; i < text.length; i++) words[control + at.text + i] = text.charCodeAt(i);
  }
  close(words, control);
}

/** Closes the open program before its end; the command it had come to, or `closed` when it was closed already. */
export function close(words: Int32Array, control: number): number {
  const before = Atomics.exchange(words, control + at.frontier, closed);
  Atomics.add(words, control + at.generation, 1);
  wakeCaller(words, control);
  return before;
}

/** This thread's instance of the kernel at this word. */
function kernelOf(crew: Crew, kernel: number): Run {
  const index = crew.words[kernel + kernelAt.index]!;
  return (crew.kernels[index] ??= instantiate(crew, kernel));
}

/**
 * Each thread compiles for itself what it meets: no message could reach one that sleeps. It is cheap, since V8 shares
 * the code of modules with equal bytes among the threads of a process.
 */
function instantiate({ memory, words }: Crew, kernel: number): Run {
  const address = (kernel + kernelAt.bytes) * 4;
  // A compiler takes no shared bytes: slice() copies.
  const bytes = new Uint8Array(words.buffer, address, words[kernel + kernelAt.byteLength]).slice();
  return runOf(new WebAssembly.Module(bytes), memory);
}

/** The exported function of an instance of a kernel. */
export function runOf(module: WebAssembly.Module, memory: WebAssembly.Memory): Run {
  return new WebAssembly.Instance(module, { env: { memory } }).exports["run"] as Run;
}

/** After another thread grew the memory: growing by nothing makes this thread take note. */
function renewWords(crew: Crew): void {
  crew.memory.grow(0);
  crew.words = new Int32Array(crew.memory.buffer);
}
