import { createFolderDoor, service } from "@gatehouse/detection-ingest";
import { runMain } from "@gatehouse/runtime";

/** Watches the folder and nothing else, and is killed when the broker has acknowledged the first file, before it is removed. */
const door = createFolderDoor({
  onPublished: () => {
    process.kill(process.pid, "SIGKILL");
    return new Promise(() => {});
  },
});

await runMain({ ...service, inputs: [], doors: [door] });
