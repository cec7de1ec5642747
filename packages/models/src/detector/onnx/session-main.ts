import { describeError } from "@gatehouse/errors";
import type { FromSession, Look, OpenSession } from "./messages.ts";
import { openYoloSession, type YoloSession } from "./yolo-session.ts";

// A process that holds one model. Whoever forked it ends it: by closing the channel, or with SIGKILL.
process.once("disconnect", () => process.exit());
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => {});
process.once("message", (wanted: OpenSession) => void open(wanted));

async function open(wanted: OpenSession): Promise<void> {
  try {
    const session = await openYoloSession(wanted);
    process.on("message", (look: Look) => void answer(session, look));
    tell({ kind: "opened", model: session.model });
  } catch (error) {
    tell({ kind: "not opened", reason: describeError(error).message });
  }
}

async function answer(session: YoloSession, { id, picture }: Look): Promise<void> {
  try {
    tell({ kind: "found", id, ...(await session.look(picture)) });
  } catch (error) {
    const { code, message } = describeError(error);
    tell({ kind: "failed", id, code, reason: message });
  }
}

function tell(message: FromSession): void {
  if (process.connected) process.send?.(message);
}
