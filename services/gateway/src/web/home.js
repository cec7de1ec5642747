// Logs in by the printed link's code, then shows events as they come, without losing its place.
const state = document.getElementById("state");
const list = document.getElementById("events");
const shown = new Map();
const MOST = 100;
let next_seq = null;
let wait_ms = 500;
let refused = "";

await login();
connect();

async function login() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (!code) return;
  history.replaceState(null, "", location.pathname);
  const answer = await fetch("/api/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  if (!answer.ok) refused = `${(await answer.json()).error.message}. `;
}

function connect() {
  const socket = new WebSocket(new URL("/ws", location.href.replace(/^http/, "ws")), "gatehouse.v1.json");
  socket.onopen = () => subscribe(socket, next_seq === null ? "all" : { seq: next_seq });
  socket.onmessage = ({ data }) => hear(socket, JSON.parse(data));
  socket.onclose = ({ code }) => {
    if (code === 1008) {
      state.textContent = `${refused}Not logged in: open the link that "./gatehouse login" prints`;
      return;
    }
    state.textContent = "Connection lost: trying again";
    setTimeout(connect, wait_ms);
    wait_ms = Math.min(2 * wait_ms, 10_000);
  };
}

function subscribe(socket, from) {
  socket.send(JSON.stringify({ op: "subscribe", id: "events", subject: "camera.*.event.>", from }));
}

function hear(socket, told) {
  if (told.op === "subscribed") {
    state.textContent = "Live";
    wait_ms = 500;
  } else if (told.op === "message") {
    next_seq = told.seq + 1;
    if (told.data) show(told.data);
  } else if (told.op === "lagged") subscribe(socket, { seq: told.next_seq });
  else if (told.op === "error" && told.code === "STREAM_RESET") subscribe(socket, "all");
  else if (told.op === "error") state.textContent = told.message;
}

function show(event) {
  const { event_id, risk, snapshot } = event;
  const item = document.createElement("li");
  const scored = risk.status === "scored" && risk.level !== null;
  item.dataset.level = scored ? risk.level : "none";
  item.append(
    part("time", new Date(event.started_at_ms).toLocaleString()),
    part("b", event.camera_id),
    part("mark", scored ? `${risk.level} ${risk.score}` : "not scored"),
    part("span", event.labels.join(", ")),
    ...(snapshot ? [pictureLink(snapshot)] : []),
    part("p", risk.summary),
  );
  shown.get(event_id)?.remove();
  shown.set(event_id, item);
  list.prepend(item);
  while (list.children.length > MOST) list.lastChild.remove();
  for (const [id, old] of shown) if (!old.isConnected) shown.delete(id);
}

function part(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

function pictureLink(snapshot) {
  const link = part("a", "picture");
  link.href = `${snapshot}?boxes=1`;
  return link;
}
