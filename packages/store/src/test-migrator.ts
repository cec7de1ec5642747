import { migrate } from "./mod.ts";

process.stdout.write(JSON.stringify(await migrate(process.argv[2]!)));
