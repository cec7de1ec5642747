import type { Label } from "./figures/figure.ts";

/** What really is in a picture: known because we drew it. */
export interface Truth {
  /** Unique within the scene; the same object has the same id in every frame. */
  object_id: string;
  label: Label;
  /**
   * Tight around the visible pixels (at least half covered by the object), clipped to the picture, 0..1, `x, y` the top left.
   * What somebody wears or carries belongs to them; a shadow does not.
   */
  box: { x: number; y: number; w: number; h: number };
  /** False while it stands. */
  moving: boolean;
  /** Visible pixels of all its pixels, hidden ones and those outside of the picture included; above 0, at most 1. */
  visible_fraction: number;
}

/** A short story in front of one camera. The same (name, seed, time) gives the same bytes. */
export interface Scene {
  name: string;
  /** A sentence for people. */
  title: string;
  /** Scenes with the same site have the same background: one camera shows scenes of one site. */
  site: string;
  width: number;
  height: number;
  /** The rate at which the story is smooth; any time may be rendered. */
  fps: number;
  /** After this time nobody is there any more. */
  duration_ms: number;
  night: boolean;
  /** The picture at a time since the scene's start, and what is in it. */
  render(at_ms: number): Promise<{ jpeg: Uint8Array; truths: Truth[] }>;
  /** The same picture without the objects and, unless `shadows` is true, without their shadows. */
  background(at_ms: number, options?: { shadows?: boolean }): Promise<Uint8Array>;
}
