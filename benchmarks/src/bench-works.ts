import { interpreter } from "@steelyard/core";
import { faultOf } from "./check.ts";
import { limitOf, type Effort } from "./effort.ts";
import type { Contender, Host } from "./hosts/host.ts";
import { reasonOf, type Implementation } from "./implementations/implementation.ts";
import { steelyard } from "./implementations/steelyard.ts";
import type { Row } from "./report/row.ts";
import { median } from "./median.ts";
import { describe, digits, nameOf } from "./report/describe.ts";
import { speedsSoFar, type Speeds } from "./speeds.ts";
import { comparedTogether } from "./works/catalogue.ts";
import { flopsOf } from "./works/cost.ts";
import type { Work } from "./works/work.ts";

/** A contender, and where it lives. */
export interface Seat extends Contender {
  readonly host: Host;
  /** In its host's list. */
  readonly at: number;
}

/** Who is to do what. */
interface Entry {
  readonly work: Work;
  readonly seat: Seat;
}

/** Of a contender that has done a piece of work once, and rightly. */
interface Ready {
  /** What its host calls it. */
  readonly id: number;
  /** Of its first run. */
  readonly ms: number;
  readonly samples: number[];
  /** For each round, the median rate as a share of the peak measured with it. */
  readonly shares: number[];
}

/** What is measured, by whom, how thoroughly; `wanted` is `--only`. */
export interface Plan {
  readonly works: readonly Work[];
  readonly hosts: readonly Host[];
  readonly effort: Effort;
  readonly wanted: (work: Work, contender: Pick<Contender, "impl" | "device">) => boolean;
  readonly say: (line: string) => void;
  /** Told of the rows of each piece of work. */
  readonly done?: (rows: readonly Row[]) => void;
  /** The result that is right; left out, the interpreter's. */
  readonly reference?: (work: Work) => Promise<Float32Array>;
}

// Loading a library and warming up its peak loop.
const startLimit = 60_000;

/**
 * Everybody at everything: each piece of work is done once by each contender and checked, then timed in rounds in which
 * all take turns, with all the works that are compared with each other. Rows come in the order of works and contenders.
 */
export async function benchWorks(plan: Plan, seats: readonly Seat[]): Promise<Row[]> {
  const rows: Row[] = [];
  const speeds = speedsSoFar();
  for (const works of comparedTogether(plan.works)) {
    const entries = works.flatMap((work) =>
      seats.filter((seat) => isMeant(work, seat) && plan.wanted(work, seat)).map((seat): Entry => ({ work, seat })),
    );
    if (entries.length === 0) continue;
    const outcomes = await outcomesOf(entries, plan, speeds);
    for (const [work, turn] of Map.groupBy(outcomes, ([entry]) => entry.work)) {
      const done = turn.map(([entry, outcome]) => rowOf(entry, outcome));
      for (const [i, row] of done.entries()) {
        speeds.note(work, row);
        // Who is missing was said at the start.
        if (turn[i]![0].seat.missing === null) plan.say(`  ${work.name} ${work.pass}: ${describe(row)}`);
      }
      plan.done?.(done);
      rows.push(...done);
    }
  }
  return rows;
}

/** Everybody in the hosts; those of whom nothing is wanted are closed again. */
export async function seatsOf({ hosts, works, wanted, say }: Plan): Promise<Seat[]> {
  const seats: Seat[] = [];
  for (const host of hosts) {
    const contenders = await host.ask({ kind: "contenders" }, startLimit).catch((error: unknown) => {
      say(`${host.name}: ${reasonOf(error)}`);
      return [];
    });
    for (const { missing, ...contender } of contenders) {
      if (missing !== null) say(`${nameOf(contender)} is missing: ${missing}`);
    }
    const members = contenders.map((contender, at): Seat => ({ ...contender, host, at }));
    if (!members.some((seat) => works.some((work) => wanted(work, seat)))) host.close();
    seats.push(...members);
  }
  return seats;
}

/** What computes for those who do so by WebGPU, for people; null where nobody does. */
export function adapterOf(seats: readonly Seat[]): string | null {
  const names = new Set(seats.map(({ adapter }) => adapter).filter((adapter) => adapter !== null));
  return names.size === 0 ? null : [...names].join(" / ");
}

/** Who does what not everybody does: empty steps are our own affair, copies that of the copiers. */
const meant: Partial<Record<Work["kind"], readonly string[]>> = {
  copy: ["memory", "bare"],
  emptyStep: ["steelyard"],
  kernels: ["steelyard", "bare"],
};

/** Arithmetic is for all but the copiers. */
function isMeant({ kind }: Work, { impl }: Contender): boolean {
  return meant[kind]?.includes(impl) ?? !meant.copy!.includes(impl);
}

type Outcomes = Map<Entry, Ready | string>;

/** All of them done once and checked, then timed in turn: what disturbs the machine for a while disturbs all alike. */
async function outcomesOf(entries: readonly Entry[], plan: Plan, speeds: Speeds): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  for (const [work, present] of Map.groupBy(entries, (entry) => entry.work)) {
    plan.say(`${work.name} ${work.pass}`);
    for (const [entry, outcome] of await triedBy(work, present, plan, speeds)) outcomes.set(entry, outcome);
  }
  // The first round is for the compilers of the engine, and not kept.
  for (let round = 0; round <= plan.effort.rounds; round++) await takeTurns(outcomes, plan.effort, round > 0);
  for (const [{ seat }, outcome] of outcomes) {
    if (typeof outcome === "string") continue;
    await seat.host.ask({ kind: "release", id: outcome.id }, startLimit).catch(reasonOf);
  }
  return outcomes;
}

async function triedBy(work: Work, entries: readonly Entry[], plan: Plan, speeds: Speeds): Promise<Outcomes> {
  const { effort, say, reference: due = referenceOf } = plan;
  const outcomes: Outcomes = new Map();
  const reference = entries.some(({ seat }) => seat.missing === null) ? await due(work) : new Float32Array();
  for (const entry of entries) {
    const outcome = await tried(entry, reference, effort, speeds);
    outcomes.set(entry, outcome);
    // Some take a minute: whoever waits shall see that something happens.
    if (typeof outcome !== "string" && outcome.ms > 1000)
      say(`  ${nameOf(entry.seat)}: first run ${digits(outcome.ms)} ms`);
  }
  return outcomes;
}

async function takeTurns(outcomes: Outcomes, effort: Effort, keep: boolean): Promise<void> {
  for (const [entry, outcome] of outcomes) {
    if (typeof outcome === "string") continue;
    await takeTurn(entry, outcome, effort, keep).catch((error: unknown) => outcomes.set(entry, reasonOf(error)));
  }
}

/** The result that is right, by the interpreter: f32 is exact for whole numbers, and f64 is the yardstick for nets. */
export async function referenceOf(work: Work): Promise<Float32Array> {
  if (work.kind === "copy") return new Float32Array();
  const precision = work.kind === "net" ? "f64" : "f32";
  return resultBy(
    steelyard("interpreter", 1, () => interpreter({ precision })),
    work,
  );
}

export async function resultBy(implementation: Implementation, work: Work): Promise<Float32Array> {
  const prepared = await implementation.prepare(work);
  const result = await prepared.result();
  await prepared.close();
  return result;
}

/** Does the work once and checks it. Answers why not, in words, when that fails. */
async function tried(
  { work, seat }: Entry,
  reference: Float32Array,
  effort: Effort,
  speeds: Speeds,
): Promise<Ready | string> {
  const limit = limitOf(work, effort);
  const hopeless = seat.missing ?? speeds.objection(work, seat, limit);
  if (hopeless !== null) return hopeless;
  try {
    const { id, result, ms } = await seat.host.ask({ kind: "prepare", at: seat.at, work }, limit);
    const fault = work.kind === "copy" ? null : faultOf(work, result, reference);
    if (fault === null) return { id, ms, samples: [], shares: [] };
    await seat.host.ask({ kind: "release", id }, startLimit);
    return fault;
  } catch (error) {
    speeds.noteFailure(work, seat, limit, error);
    return reasonOf(error);
  }
}

/** One turn of one contender. Who was slow at first is timed by a single further run, and only in the first round. */
async function takeTurn({ work, seat }: Entry, ready: Ready, effort: Effort, keep: boolean): Promise<void> {
  const { id, ms, samples, shares } = ready;
  const isSlow = ms > effort.patience;
  if (isSlow && (!keep || samples.length > 0)) return;
  const [runs, time] = isSlow ? [1, 0] : [effort.runs, effort.time];
  const limit = startLimit + 20 * runs * ms;
  const answer = await seat.host.ask({ kind: "round", id, runs, time }, limit);
  if (!keep) return;
  samples.push(...answer.samples);
  const flops = flopsOf(work);
  if (flops !== null) shares.push(flops / median(answer.samples) / 1e6 / (answer.peak * seat.threads));
}

function rowOf({ work, seat }: Entry, outcome: Ready | string): Row {
  const { impl, device, threads } = seat;
  const title = { work: work.name, pass: work.pass, impl, device, threads };
  if (typeof outcome === "string") return { ...title, ms: null, gflops: null, peakShare: null, error: outcome };
  const flops = flopsOf(work);
  const ms = median(outcome.samples);
  const gflops = flops === null ? null : flops / ms / 1e6;
  return { ...title, ms, gflops, peakShare: flops === null ? null : median(outcome.shares), error: null };
}
