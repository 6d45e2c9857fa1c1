import { runHostCommand, type Plan } from "@steelyard/compiler";
import { invariant, type Binding, type Executable, type HostFunction, type Program } from "@steelyard/core";
import { faultOf, takeAll, type Piece } from "./buffers.ts";
import { deviceBytes } from "./elements.ts";
import { encodeKernels, type Bound } from "./encode.ts";
import { faultError, watched } from "./faults.ts";
import type { Prepared, Segment } from "./prepared.ts";
import { profiled, type Profile } from "./profile.ts";
import type { Session } from "./session.ts";
import { readBack, write } from "./staging.ts";
import type { Storages } from "./storages.ts";

/** What executables share: the device they run on, which may be another one after a loss. */
export interface Machine {
  /** @throws DeviceError when there is none */
  session(): Session;
  plan(program: Program, session: Session): Plan;
  prepare(plan: Plan, session: Session): Prepared;
  /** Called before a run: true where the plan is then better prepared anew. */
  tune(prepared: Prepared): Promise<boolean>;
  readonly storages: Storages;
  readonly profile: Profile | null;
}

/** A program that runs on the device of the moment. */
export function executableOf(program: Program, machine: Machine): Executable {
  const { storages } = machine;
  const prepare = (session: Session): Prepared => machine.prepare(machine.plan(program, session), session);
  let prepared = prepare(machine.session());
  return {
    async run(bindings, donated) {
      const session = machine.session();
      if (prepared.session !== session) prepared = prepare(session);
      if (await machine.tune(prepared)) prepared = machine.prepare(prepared.plan, session);
      const outputs = await runOnce(prepared, machine, bindings);
      // Only now: until here the run could have failed, and the values had to stay.
      donated.forEach((storage) => storages.free(storage));
      return outputs.map((piece, i) => storages.store(session, piece, program.instructions[program.outputs[i]!]!));
    },
  };
}

/**
 * Memory of the outputs, which belongs to the caller. When the run fails, nothing has changed.
 *
 * It is over when the device has looked at all commands and found nothing wrong with them, not when it has computed them:
 * that takes a twentieth of a millisecond, and so an error belongs to the run that caused it, which can still be undone.
 */
async function runOnce(prepared: Prepared, machine: Machine, bindings: readonly Binding[]): Promise<readonly Piece[]> {
  const { plan, sharing, session } = prepared;
  const inputs = bindings.map((binding) => {
    return typeof binding === "object" ? machine.storages.requireLive(session, binding).piece : null;
  });
  const pipelines = await prepared.pipelines().catch((error: unknown) => {
    // On a device that is lost nothing compiles any more.
    session.requireOpen();
    throw error;
  });
  const found = await faultOf(inputs.filter((piece) => piece !== null));
  session.requireOpen();
  if (found !== null) throw faultError(found, "an uploaded value");

  const { buffers } = session;
  const sizes = plan.outputs.map((buffer) => bytesOf(plan, buffer));
  const outputs = await takeAll(buffers, sizes, "results");
  let succeeded = false;
  try {
    const shared = await takeAll(buffers, sharing.bytes, "a plan's intermediate values");
    try {
      const pieces = plan.buffers.map(({ place }, i) => {
        if (place.kind === "slot") return inputs[place.slot]!;
        if (place.kind === "output") return outputs[place.output]!;
        return shared[sharing.pieceOf[i] ?? -1] ?? null;
      });
      const bound: Bound = { prepared, pipelines, pieces, bindings };
      for (const segment of prepared.segments) await runSegment(bound, machine, segment);
    } finally {
      shared.forEach((piece) => buffers.give(piece));
    }
    succeeded = true;
    return outputs;
  } finally {
    if (!succeeded) outputs.forEach((piece) => buffers.give(piece));
  }
}

async function runSegment(bound: Bound, { profile }: Machine, segment: Segment): Promise<void> {
  const { session } = bound.prepared;
  if (segment.kind === "host") return runOnHost(bound, segment.command);
  if (profile !== null) return profiled(bound, segment.from, segment.to, profile);
  const { device } = session.gpu;
  const { fault } = watched(device, () => {
    bound.prepared.args.write(bound.bindings, segment.from, segment.to);
    const encoder = device.createCommandEncoder();
    encodeKernels(encoder, bound, segment.from, segment.to);
    device.queue.submit([encoder.finish()]);
  });
  const [found] = await Promise.all([fault, session.pace()]);
  session.requireOpen();
  if (found !== null) throw faultError(found, "a plan");
}

async function runOnHost(
  { prepared: { session, plan }, pieces, bindings }: Bound,
  command: Extract<Segment, { kind: "host" }>["command"],
): Promise<void> {
  const values = command.inputs.map((input) => ({ piece: pieces[input]!, ...plan.buffers[input]! }));
  const inputs = values.length === 0 ? [] : await readBack(session, values, "a host solve");
  const bound = command.kind === "solve" ? (bindings[command.slot] as HostFunction | number) : null;
  const results = await runHostCommand(command, inputs, bound);
  session.requireOpen();
  const output = pieces[command.output];
  invariant(output !== undefined && output !== null, "what the host computes has memory");
  write(session, output, results, plan.buffers[command.output]!.dtype);
}

function bytesOf({ buffers }: Plan, buffer: number): number {
  const { dtype, elements } = buffers[buffer]!;
  return deviceBytes(dtype, elements);
}
