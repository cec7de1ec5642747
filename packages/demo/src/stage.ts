import { copyPicture, type Picture, paint } from "./draw/picture.ts";
import { type Expose, makeSensor, type Sensor } from "./draw/sensor.ts";
import { paintShadow } from "./draw/shadow.ts";
import type { Shape } from "./draw/shape.ts";
import type { Figure } from "./figures/figure.ts";
import { figureShadow, figureShapes } from "./figures/project-figure.ts";
import { type Pose, poseAt, type Waypoint } from "./path.ts";
import type { Site } from "./places/site.ts";
import { hash32, hashText } from "./random.ts";
import type { Truth } from "./scene.ts";
import { Tally } from "./tally.ts";

/** Somebody or something that comes and goes. */
interface Actor {
  object_id: string;
  figure: Figure;
  path: readonly Waypoint[];
}

/** All that makes a scene. */
export interface Script {
  name: string;
  title: string;
  site: Site;
  fps: number;
  duration_ms: number;
  night: boolean;
  actors: readonly Actor[];
  sensor: Sensor;
}

/** Which layers to paint. */
interface Layers {
  objects: boolean;
  shadows: boolean;
}

/** Paints frames of one script as raw pixels. */
export interface Stage {
  script: Script;
  /** The picture and the truth of the objects that were painted. */
  frame(at_ms: number, layers: Layers): { picture: Picture; truths: Truth[] };
}

/** Sets a stage; nothing is painted before the first frame. */
export function makeStage(script: Script, seed: number): Stage {
  const { site, sensor, name } = script;
  let expose: Expose | undefined;
  return {
    script,
    frame(at_ms, layers) {
      expose ??= makeSensor(sensor, site.view, hash32(seed, hashText(name)));
      const picture = copyPicture(site.backdrop());
      const tally = new Tally(picture);
      const cast = castAt(script, at_ms);
      if (layers.shadows)
        for (const { figure, pose } of cast) paintShadow(picture, figureShadow(site.view, figure, pose));
      for (const paintLayer of inDepth(script, cast, at_ms, layers)) paintLayer(picture, tally);
      expose(picture, at_ms);
      standing(site.caption)(picture, tally);
      return { picture, truths: tally.truths() };
    },
  };
}

type Playing = Actor & { pose: Pose };

function castAt({ actors }: Script, at_ms: number): Playing[] {
  return actors.flatMap((actor) => {
    const pose = poseAt(actor.path, at_ms);
    return pose ? [{ ...actor, pose }] : [];
  });
}

type PaintLayer = (picture: Picture, tally: Tally) => void;

/** Props and objects, the farthest first. */
function inDepth({ site }: Script, cast: Playing[], at_ms: number, { objects }: Layers): PaintLayer[] {
  const props = site.props.map((prop) => ({ z: prop.z, run: standing(prop.shapes(at_ms)) }));
  const playing = objects ? cast.map((actor) => ({ z: actor.pose.z, run: object(site, actor) })) : [];
  return [...props, ...playing].sort((a, b) => b.z - a.z).map(({ run }) => run);
}

function standing(shapes: readonly Shape[]): PaintLayer {
  return (picture, tally) => {
    const covered = tally.hide();
    for (const shape of shapes) paint(picture, shape, covered);
  };
}

function object(site: Site, { object_id, figure, pose }: Playing): PaintLayer {
  return (picture, tally) => {
    const shapes = figureShapes(site.view, figure, pose);
    const covered = tally.show({ object_id, label: figure.label, moving: pose.moving }, shapes);
    for (const shape of shapes) paint(picture, shape, covered);
  };
}
