-- The database's own clock, whole milliseconds since the epoch: the one judge of leases.
create function now_ms() returns bigint language sql volatile
  as $$ select (extract(epoch from clock_timestamp()) * 1000)::bigint $$;

create table cameras (
  camera_id           text collate "C" primary key,
  name                text not null,
  created_at_ms       bigint not null,
  last_captured_at_ms bigint,
  last_frame_id       text,
  first_seen_via      text not null
);

create table detections (
  camera_id      text collate "C" not null,
  frame_id       text collate "C" not null,
  sha256         text not null,
  captured_at_ms bigint not null,
  created_at_ms  bigint not null,
  labels         text[] not null,
  max_confidence double precision,
  "set"          jsonb not null,
  media_key      text,
  thumbnail_key  text,
  published_seq  bigint,
  primary key (camera_id, frame_id)
);
create index detections_by_time on detections (captured_at_ms, camera_id, frame_id);
create index detections_by_camera on detections (camera_id, captured_at_ms, frame_id);
-- Most frames are empty: only the others are found by label.
create index detections_by_label on detections using gin (labels) where labels <> '{}';
