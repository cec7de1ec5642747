import { runMain } from "@gatehouse/runtime";
import { service } from "./service.ts";

await runMain(service);
