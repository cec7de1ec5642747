import { scenes } from "./first-scenes.ts";
import { folderSink } from "./folder-sink.ts";
import type { Log } from "./log.ts";
import { type Publish, publishSink } from "./publish-sink.ts";
import { simulatedCamera } from "./simulated-camera.ts";

/** What the demo needs. */
export interface DemoOptions {
  /** The watched folder. */
  inbox: string;
  publish: Publish;
  log: Log;
  /** Aborting it stops the cameras as well. */
  signal: AbortSignal;
}

/** A demo that runs. */
export interface Demo {
  /** Stops both cameras; each waits for its frame in flight, at most 3 s. Repeatable. */
  stop(): Promise<void>;
}

/**
 * Starts two simulated cameras, two frames a second each: `front-door` publishes to the bus, `driveway` uploads into the watched folder.
 * In both somebody comes into view within 3 s. Seed 1: every start shows the same story.
 */
export async function startDemo({ inbox, publish, log, signal }: DemoOptions): Promise<Demo> {
  const all = scenes();
  const at = (site: string) => all.filter((scene) => scene.site === site);
  const cameras = [
    simulatedCamera({ id: "front-door", scenes: at("front-door"), sink: publishSink(publish), log, signal }),
    simulatedCamera({ id: "driveway", scenes: at("driveway"), sink: folderSink(inbox), log, signal }),
  ];
  log.info({ cameras: ["front-door", "driveway"], inbox }, "simulated cameras started");
  return {
    async stop() {
      await Promise.all(cameras.map((camera) => camera.stop()));
    },
  };
}
