import { type Box, iou } from "./blobs.ts";
import { type LabelFits, labelNames } from "./label.ts";

/** What is remembered of one object of a source from frame to frame. */
export interface Track {
  box: Box;
  /** Movement per frame of each edge pair, working pixels. */
  dx: number;
  dy: number;
  /** Frames in which it was found. */
  seen: number;
  /** Frames since it was found last. */
  missed: number;
  /** Sum of fits, older ones counting less. */
  fits: LabelFits;
  /** Where it was found first: something that never left this place by half its size may be a tree. */
  origin: Box;
}

/** An object of this frame, with the fits of its shape. */
export interface Found {
  box: Box;
  fits: LabelFits;
}

/** Where a track is expected now. */
export function expectedBox(track: Track): Box {
  const { box, dx, dy } = track;
  const steps = track.missed + 1;
  return { x0: box.x0 + dx * steps, y0: box.y0 + dy * steps, x1: box.x1 + dx * steps, y1: box.y1 + dy * steps };
}

/**
 * Matches objects to tracks, nearest first, and begins and ends tracks (at most 64, forgotten after 15 missed frames).
 * @returns for each object its track
 */
export function follow(tracks: Track[], objects: Found[]): Track[] {
  const pairs = objects.flatMap((object, at) =>
    tracks.map((track) => ({ at, track, near: iou(object.box, expectedBox(track)) })),
  );
  pairs.sort((a, b) => b.near - a.near);
  const taken = new Set<Track>();
  const given: (Track | undefined)[] = objects.map(() => undefined);
  for (const { at, track, near } of pairs) {
    if (near < 0.15 || taken.has(track) || given[at] !== undefined) continue;
    given[at] = track;
    taken.add(track);
    move(track, objects[at]!);
  }
  for (const track of tracks) if (!taken.has(track)) track.missed++;
  const kept = tracks.filter((track) => track.missed <= Math.min(15, track.seen));
  const result = given.map((track, at) => {
    if (track !== undefined) return track;
    const begun = begin(objects[at]!);
    if (kept.length < 64) kept.push(begun);
    return begun;
  });
  tracks.splice(0, tracks.length, ...kept);
  return result;
}

function begin({ box, fits }: Found): Track {
  return { box, dx: 0, dy: 0, seen: 1, missed: 0, fits: { ...fits }, origin: box };
}

function move(track: Track, { box, fits }: Found): void {
  const steps = track.missed + 1;
  const rate = track.seen < 2 ? 1 : 0.4;
  const dx = (box.x0 + box.x1 - track.box.x0 - track.box.x1) / 2 / steps;
  const dy = (box.y1 - track.box.y1) / steps;
  track.dx += rate * (dx - track.dx);
  track.dy += rate * (dy - track.dy);
  track.box = box;
  track.seen++;
  track.missed = 0;
  for (const name of labelNames) track.fits[name] = 0.85 * track.fits[name] + Math.max(-12, fits[name]);
}
