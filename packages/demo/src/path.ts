/** Where something is to be at a time. Equal neighbours make it stand there. */
export interface Waypoint {
  at_ms: number;
  /** Metres right of the camera. */
  x: number;
  /** Metres away from the camera. */
  z: number;
}

/** Waypoints from short notes. */
export function waypoints(...notes: readonly (readonly [at_ms: number, x: number, z: number])[]): Waypoint[] {
  return notes.map(([at_ms, x, z]) => ({ at_ms, x, z }));
}

/** Where something is, and how it goes. */
export interface Pose {
  x: number;
  z: number;
  /** The direction it looks in, of length 1: `dx` to the right, `dz` away from the camera. */
  dx: number;
  dz: number;
  moving: boolean;
  /** Metres gone since the first waypoint: drives legs and wheels. */
  gone_m: number;
}

/** The pose at a time; null before the first and after the last waypoint. Who stands looks where they went before. */
export function poseAt(path: readonly Waypoint[], at_ms: number): Pose | null {
  let gone_m = 0;
  let dx = 1;
  let dz = 0;
  for (let i = 1; i < path.length; i++) {
    const a = path[i - 1]!;
    const b = path[i]!;
    if (at_ms < a.at_ms) return null;
    const length_m = Math.hypot(b.x - a.x, b.z - a.z);
    if (length_m > 0) {
      dx = (b.x - a.x) / length_m;
      dz = (b.z - a.z) / length_m;
    }
    if (at_ms < b.at_ms) {
      const t = (at_ms - a.at_ms) / (b.at_ms - a.at_ms);
      const x = a.x + (b.x - a.x) * t;
      const z = a.z + (b.z - a.z) * t;
      return { x, z, dx, dz, moving: length_m > 0, gone_m: gone_m + length_m * t };
    }
    gone_m += length_m;
  }
  return null;
}
