export { type Clock, systemClock } from "./clock.ts";
export { BadDemoCameraError, FolderWriteError, SinkTimeoutError } from "./errors.ts";
export type { Label } from "./figures/figure.ts";
export { scenes } from "./first-scenes.ts";
export { type FolderSinkOptions, folderSink } from "./folder-sink.ts";
export type { Log } from "./log.ts";
export type { Patience } from "./offer-frame.ts";
export { type Publish, publishSink } from "./publish-sink.ts";
export type { Scene, Truth } from "./scene.ts";
export { secondScenes } from "./second-scenes.ts";
export {
  type CameraCounts,
  type SimulatedCamera,
  type SimulatedCameraOptions,
  simulatedCamera,
} from "./simulated-camera.ts";
export type { SimulatedFrame, Sink } from "./sink.ts";
export { type Demo, type DemoOptions, startDemo } from "./start-demo.ts";
