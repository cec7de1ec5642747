"""Runs a pipeline over NATS and says how it goes: pip install nats-py msgpack; python run-pipeline.py document-ingestion path=notes

Exits 0 when it succeeded. The same REQUEST_ID is the same run: started again, this program only looks how it goes.
"""

import asyncio, json, msgpack, nats, os, sys, uuid

OVER = {"succeeded", "failed", "error", "cancelled"}


async def main() -> int:
    pipeline, *words = sys.argv[1:]
    request_id = os.environ.get("REQUEST_ID", f"py-{uuid.uuid4()}")
    run = json.load(open(".gatehouse/run.json"))
    bus = await nats.connect(run["nats_url"], user=run["nats_user"], password=run["nats_password"])
    js = bus.jetstream()
    # All that was told of it, also before now.
    told = await js.subscribe(f"ai.pipeline.status.{request_id}", ordered_consumer=True, deliver_policy="all")
    trigger = {"request_id": request_id, "pipeline": pipeline, "parameters": dict(word.split("=", 1) for word in words)}
    # JSON or one MessagePack map; the message id makes a repeat harmless.
    await js.publish("ai.pipeline.trigger", json.dumps(trigger).encode(), headers={"Nats-Msg-Id": request_id})
    async for message in told.messages:
        status = msgpack.unpackb(message.data)
        print(status["status"], status["run_id"] or "", status["message"], *status.get("artifacts", []))
        if status["status"] in OVER:
            await bus.close()
            return 0 if status["status"] == "succeeded" else 1
    return 1


sys.exit(asyncio.run(main()))
