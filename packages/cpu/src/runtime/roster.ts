import { at, seat, seatWords } from "./control.ts";
import type { Assignment, StartThread, Thread } from "./worker.ts";

/** Starts that may fail, one after the other, before a pool makes do with the workers it has. */
const failuresAllowed = 3;

/** The workers of a pool: one for each seat, replaced when they end. */
export interface Roster {
  /** Starts a worker for each of the first `count` seats that has none. Does not wait for them. */
  fill(count: number): void;
  /** Whether every worker that was started has arrived or failed. */
  complete(): boolean;
  /** Workers that have arrived. */
  arrived(): number;
  /** Whether no worker takes part in a program. */
  allAway(): boolean;
  close(): Promise<void>;
}

export interface RosterOptions {
  readonly context: Omit<Assignment, "seat">;
  readonly words: Int32Array;
  readonly start: StartThread;
  /** Told of a worker that ended, and whether it was taking part in a program. */
  readonly lost: (cause: string, joined: boolean) => void;
}

/** @see Roster */
export function roster(workers: number, { context, words, start, lost }: RosterOptions): Roster {
  const threads = new Array<Thread | null>(workers).fill(null);
  const seats = threads.map((_, i) => context.control + at.seats + i * seatWords);
  let failures = 0;
  let open = true;

  const ended = (i: number, cause: string): void => {
    threads[i] = null;
    const was = Atomics.exchange(words, seats[i]!, seat.away);
    failures = was === seat.starting ? failures + 1 : 0;
    if (!open) return;
    if (failures === failuresAllowed) console.warn(`cpu: goes on without more workers, which do not start (${cause})`);
    lost(cause, was === seat.joined);
  };
  const startAt = (i: number): void => {
    Atomics.store(words, seats[i]!, seat.starting);
    try {
      threads[i] = start({ ...context, seat: seats[i]! }, (cause) => ended(i, cause));
    } catch (error) {
      ended(i, error instanceof Error ? error.message : String(error));
    }
  };
  const doing = (what: number): number => seats.filter((place) => Atomics.load(words, place) === what).length;

  return {
    fill(count) {
      for (let i = 0; i < Math.min(count, workers); i++) {
        if (threads[i] === null && failures < failuresAllowed) startAt(i);
      }
    },
    complete: () => doing(seat.starting) === 0,
    arrived: () => threads.filter((thread) => thread !== null).length - doing(seat.starting),
    allAway: () => seats.every((place) => Atomics.load(words, place) !== seat.joined),
    async close() {
      open = false;
      await Promise.all(threads.map(async (thread) => thread?.end()));
    },
  };
}
