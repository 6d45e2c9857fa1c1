import { at } from "./control.ts";

const looksPerClock = 8;

// Where the engine has it: the other thread of the same core gets the core's units for a moment.
const pause = (Atomics as { readonly pause?: () => void }).pause ?? ((): void => {});

/** Watches for so many microseconds whether the condition comes to hold: a sleep and a wake-up take tens of them. */
export function spinUntil(condition: () => boolean, microseconds: number): boolean {
  if (condition()) return true;
  if (microseconds === 0) return false;
  const end = performance.now() + microseconds / 1000;
  do {
    for (let i = 0; i < looksPerClock; i++) {
      if (condition()) return true;
      pause();
    }
  } while (performance.now() < end);
  return false;
}

/** How the calling thread waits. */
export interface Patience {
  /** Microseconds of watching before it sleeps. */
  readonly spin: number;
  /** Milliseconds it sleeps in one piece, in which no event is delivered. Zero where a thread must not sleep at all. */
  readonly sleep: number;
}

/** Whether `Atomics.wait` is allowed here; it is not in the main thread of a browser's page. */
export function mayBlock(words: Int32Array, control: number): boolean {
  try {
    // Never sleeps: the word is not what is asked for, or the time is up at once.
    Atomics.wait(words, control + at.caller, 1, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits in this thread, without returning to the event loop, as long as patience allows; whether the condition holds. */
export function waitHere(words: Int32Array, control: number, condition: () => boolean, patience: Patience): boolean {
  if (spinUntil(condition, patience.spin)) return true;
  if (patience.sleep === 0) return false;
  const end = performance.now() + patience.sleep;
  for (;;) {
    // Who changes what the condition asks for looks at this word afterwards: either it sees the 1, or we see the change.
    // The 1 is left behind, for others may wait on the same word outside; at worst somebody wakes nobody.
    Atomics.store(words, control + at.caller, 1);
    const left = end - performance.now();
    if (condition()) return true;
    if (left <= 0) return false;
    Atomics.wait(words, control + at.caller, 1, left);
  }
}

/** Waits while the event loop runs, so that news of a worker that died can arrive. */
export async function waitOutside(words: Int32Array, control: number, condition: () => boolean): Promise<void> {
  // In Node a sleeping promise alone does not keep the process alive; a timer does.
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    for (;;) {
      Atomics.store(words, control + at.caller, 1);
      if (condition()) return;
      await Atomics.waitAsync(words, control + at.caller, 1).value;
    }
  } finally {
    clearInterval(alive);
  }
}

/** One turn of the event loop: timers, signals and news of workers come through. */
export async function turnLoop(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // Only Node has this, which comes after all that has happened by now.
  if (globalThis.setImmediate !== undefined) {
    setImmediate(resolve);
    return promise;
  }
  // A message to oneself has its turn among the others; a timer would come after 4 ms in a loop of such waits.
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener("message", () => resolve());
  port1.start();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel's port has no origin
  port2.postMessage(null);
  await promise;
  port1.close();
}
