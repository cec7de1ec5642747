import { startSimulatedGpu } from "../../harness/simulated-gpu.ts";

// The simulated card as a process of its own: its events on stdout, a line each, the first line its address.
const { url } = await startSimulatedGpu({
  models: JSON.parse(process.argv[2]!),
  onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
});
process.stdout.write(`${JSON.stringify({ url })}\n`);
