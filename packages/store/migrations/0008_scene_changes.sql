alter table cameras add column scene_at_ms bigint;

create table scene_changes (
  change_id      bigint generated always as identity,
  camera_id      text collate "C" not null,
  frame_id       text collate "C" not null,
  scene          text not null,
  captured_at_ms bigint not null,
  created_at_ms  bigint not null,
  published_seq  bigint,
  primary key (camera_id, frame_id)
);
create index scene_changes_in_order on scene_changes (camera_id, change_id);
create index scene_changes_by_time on scene_changes (captured_at_ms);
