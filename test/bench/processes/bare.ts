import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

const connection = await connect({
  servers: process.env.NATS_URL!,
  user: process.env.NATS_USER!,
  pass: process.env.NATS_PASSWORD!,
});
await jetstreamManager(connection);
process.send?.({ ready: true });
process.once("SIGTERM", () => void connection.close().then(() => process.exit(0)));
