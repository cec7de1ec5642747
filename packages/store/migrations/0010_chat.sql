create table chat_sessions (
  user_id       text collate "C" not null,
  session_id    text collate "C" not null,
  -- Answers that are part of the conversation: raised with the message that ends one.
  turns         bigint not null default 0,
  created_at_ms bigint not null,
  last_at_ms    bigint not null,
  primary key (user_id, session_id)
);
create index chat_sessions_by_id on chat_sessions (session_id);
create index chat_sessions_by_time on chat_sessions (last_at_ms);

create table answers (
  request_id      text collate "C" primary key,
  user_id         text collate "C" not null,
  session_id      text collate "C" not null,
  position        bigint generated always as identity,
  state           text not null check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
  request         jsonb not null,
  epoch           bigint not null default 0,
  next_seq        integer not null default 0,
  "text"          text not null default '',
  sources         jsonb,
  model           jsonb,
  usage           jsonb,
  timings         jsonb,
  error           jsonb,
  takeovers       integer not null default 0,
  cancelled_at_ms bigint,
  created_at_ms   bigint not null,
  started_at_ms   bigint,
  ended_at_ms     bigint,
  told_at_ms      bigint,
  trace           jsonb not null default '{}'
);
-- What a session still has to do, in order: to be answered, or to be told how it ended.
create index answers_to_do on answers (user_id, session_id, position) where told_at_ms is null;
create index answers_by_time on answers (created_at_ms);

create table chat_messages (
  message_id bigint generated always as identity primary key,
  user_id    text collate "C" not null,
  session_id text collate "C" not null,
  request_id text collate "C" not null,
  role       text not null check (role in ('user', 'assistant')),
  content    text not null,
  at_ms      bigint not null,
  unique (request_id, role)
);
create index chat_messages_in_order on chat_messages (user_id, session_id, message_id);
create index chat_messages_by_time on chat_messages (at_ms);
