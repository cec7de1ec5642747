import { type CameraDetections, cameraDetections, compileCheck } from "@gatehouse/events";
import { decode, Encoder } from "@msgpack/msgpack";

const check = compileCheck(cameraDetections.schema);
const encoder = new Encoder();

/** What a careful loop by hand does with a body: MessagePack, and the same compiled TypeBox check as ours. */
export function pass(body: Uint8Array, camera_id: string): Uint8Array {
  const set = decode(body) as CameraDetections;
  if (!check.holds(set))
    throw new TypeError(`Cannot read a set of ${body.length} bytes: ${check.violations(set, 1)[0]?.message}`);
  return encoder.encode({ ...set, camera_id });
}
