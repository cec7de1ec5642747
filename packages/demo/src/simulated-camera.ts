import { randomBytes } from "node:crypto";
import { describeError } from "@gatehouse/errors";
import { isId } from "@gatehouse/events";
import { type Clock, systemClock } from "./clock.ts";
import { BadDemoCameraError } from "./errors.ts";
import { type Log, silentLog } from "./log.ts";
import { offerFrame, type Patience } from "./offer-frame.ts";
import { playlist } from "./playlist.ts";
import type { Scene } from "./scene.ts";
import type { Sink } from "./sink.ts";

/** How a simulated camera is set up. */
export interface SimulatedCameraOptions {
  /** `^[A-Za-z0-9_-]{1,64}$`. */
  id: string;
  /** Shown one after the other, then again from the first; at least one, all of one site. */
  scenes: readonly Scene[];
  /** Frames per second, above 0, at most 30. Default 2. */
  fps?: number;
  sink: Sink;
  clock?: Clock;
  log?: Log;
  /** Aborting it does what `stop()` does. */
  signal?: AbortSignal;
  /** Empty view between two scenes. Default 2,000. */
  pause_ms?: number;
  /** Default: a frame is given up after 3,000 ms, a failed sink asked again after 300 ms. */
  patience?: Patience;
}

/** What a camera did so far. */
export interface CameraCounts {
  sent: number;
  dropped: number;
  /** Times that a sink was asked again. */
  retried: number;
}

/** A camera that runs. */
export interface SimulatedCamera {
  counts(): CameraCounts;
  /** Takes no further picture and waits for the frame in flight, at most `patience.give_up_after_ms`. Repeatable. */
  stop(): Promise<void>;
}

/**
 * Starts a camera that shows scenes in real time. It does not wait: while a sink is slow, pictures are not taken; a frame that
 * nobody takes is dropped and counted. Once it runs nothing is thrown.
 * @throws {BadDemoCameraError} when the options cannot work
 */
export function simulatedCamera(options: SimulatedCameraOptions): SimulatedCamera {
  const { id, scenes, fps = 2, sink, clock = systemClock, log = silentLog, signal, pause_ms = 2_000 } = options;
  const patience = options.patience ?? { give_up_after_ms: 3_000, retry_after_ms: 300 };
  checkOptions(id, scenes, fps);
  const stopper = new AbortController();
  const stopping = signal ? AbortSignal.any([stopper.signal, signal]) : stopper.signal;
  const counts: CameraCounts = { sent: 0, dropped: 0, retried: 0 };
  const running = run({ id, show: playlist(scenes, pause_ms), fps, sink, clock, log, patience, stopping, counts });
  return {
    counts: () => ({ ...counts }),
    async stop() {
      stopper.abort();
      await running;
    },
  };
}

interface Run extends Required<Pick<SimulatedCameraOptions, "id" | "fps" | "sink" | "clock" | "log" | "patience">> {
  show: ReturnType<typeof playlist>;
  stopping: AbortSignal;
  counts: CameraCounts;
}

async function run({ id, show, fps, sink, clock, log, patience, stopping, counts }: Run): Promise<void> {
  const start_ms = clock.now_ms();
  const period_ms = 1_000 / fps;
  const run_id = randomBytes(3).toString("hex");
  let dropped_in_a_row = 0;
  for (let last_ms = 0; !stopping.aborted; ) {
    const captured_at_ms = Math.max(last_ms + 1, clock.now_ms());
    last_ms = captured_at_ms;
    try {
      const { jpeg, truths } = await show(Math.max(0, captured_at_ms - start_ms));
      const frame = { camera_id: id, frame_id: `${id}-${captured_at_ms}-${run_id}`, captured_at_ms, jpeg, truths };
      const outcome = await offerFrame(frame, { sink, clock, patience, stopping });
      counts.retried += outcome.attempts - 1;
      if (!outcome.sent) throw outcome.failure;
      counts.sent++;
      if (dropped_in_a_row > 0)
        log.info({ camera_id: id, dropped: dropped_in_a_row }, "simulated frames are taken again");
      dropped_in_a_row = 0;
    } catch (thrown) {
      counts.dropped++;
      if (dropped_in_a_row++ === 0) log.warn({ camera_id: id, ...describeError(thrown) }, "simulated frame dropped");
    }
    const behind_ms = (clock.now_ms() - start_ms) % period_ms;
    await clock.sleep(period_ms - behind_ms, stopping);
  }
}

function checkOptions(id: string, scenes: readonly Scene[], fps: number): void {
  const faults: string[] = [];
  if (!isId(id)) faults.push(`id must match ^[A-Za-z0-9_-]{1,64}$: current value is ${JSON.stringify(id)}`);
  if (scenes.length === 0) faults.push("scenes must have at least one: current length is 0");
  if (!(fps > 0 && fps <= 30)) faults.push(`fps must be above 0 and at most 30: current value is ${fps}`);
  if (faults.length > 0) throw new BadDemoCameraError(`Cannot start simulated camera as ${faults.join("; ")}`);
}
