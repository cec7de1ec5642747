import type { World } from "./world.ts";

const LOOK_EVERY_MS = 300;

/** Resolves when so many frames have their detections, nothing is due, nothing open and nothing unpublished. @throws with what is still missing */
export async function settled(world: World, frames: number, within_ms: number): Promise<void> {
  const deadline_ms = Date.now() + within_ms;
  let missing = "";
  while (Date.now() < deadline_ms) {
    missing = await missingOf(world, frames).catch((error: Error) => error.message);
    if (missing === "") return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Error(`Not settled within ${within_ms} ms: ${missing}`);
}

async function missingOf({ db, bus }: World, frames: number): Promise<string> {
  const [row] = await db.query<{ detected: number; due: number; open: number; unpublished: number }>(
    `select (select count(*)::int from detections where published_seq is not null) as detected,
            (select count(*)::int from due where kind <> 'forget') as due,
            (select count(*)::int from batches where state = 'open') as open,
            (select count(*)::int from events where published_seq is null) as unpublished`,
    [],
  );
  const { detected, due, open, unpublished } = row!;
  const taken = (await bus.consumers("CAMERA_DETECTIONS")).every(
    ({ pending, ack_pending }) => pending + ack_pending === 0,
  );
  const done = detected >= frames && due === 0 && open === 0 && unpublished === 0 && taken;
  return done
    ? ""
    : `${detected} of ${frames} detected, ${due} due, ${open} open, ${unpublished} unpublished, detections ${taken ? "" : "not "}taken`;
}
