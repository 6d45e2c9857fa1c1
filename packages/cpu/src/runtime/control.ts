// What the threads of a pool share lies in device memory as 32-bit words: one control block, the kernels, the programs.

/**
 * Words of the control block, counted from its start. Words that many threads write lie 64 bytes from others, so that
 * no cache line is fought over for nothing.
 */
export const at = {
  /** Changes whenever there may be something new to do. Threads without work watch it, and workers sleep on it. */
  generation: 0,
  /** The command that is being worked on, as its number in the program; `closed` when none is. */
  frontier: 1,
  /** First word of the open program. */
  program: 2,
  /** The command before which the program ends. */
  end: 3,
  /** Words of memory there were when the program was opened. */
  reach: 4,
  /** Workers asleep, or about to be. One that is killed in its sleep stays counted, which costs a needless call. */
  sleepers: 5,
  /** 1 while the calling thread sleeps, or is about to; it sleeps on this word. */
  caller: 16,
  /** 1 from the first failure on: the next two words and the text say which. */
  failed: 32,
  failedKernel: 33,
  textLength: 34,
  /** The message of the error, one character a word. */
  text: 48,
  /** What each worker does, 16 words apart: one of `seat`. */
  seats: 304,
} as const;

export const textLimit: number = at.seats - at.text;
export const seatWords = 16;

/** What a worker does. */
export const seat = {
  /** Nothing that matters to others: it watches, sleeps or compiles. */
  away: 0,
  /** It may read and write the program's counters, and what its kernels write. */
  joined: 1,
  /** It has been started and is not there yet. */
  starting: 2,
} as const;

/** The frontier of a pool without an open program. */
export const closed = 0x7fff_ffff;

export function controlWords(workers: number): number {
  return at.seats + workers * seatWords;
}

/**
 * Words of a command within its program. A *step* is what threads do between two meetings: a command, or several of at
 * most one chunk each, which one thread does in order.
 */
export const commandAt = {
  /** First word of the kernel. */
  kernel: 0,
  /** Address of the arguments. */
  args: 1,
  chunks: 2,
  /** The command at which the step after this one begins. */
  next: 3,
  /** Chunks of the step that have been handed out. */
  taken: 4,
  /** Chunks of the step that are done. */
  done: 5,
} as const;

export const commandWords = 8;

/** Words of a kernel; its bytes follow. */
export const kernelAt = { index: 0, byteLength: 1, bytes: 2 } as const;
