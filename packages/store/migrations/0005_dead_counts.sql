create table dead_counts (
  camera_id text collate "C" not null,
  code      text collate "C" not null,
  hour_ms   bigint not null,
  count     bigint not null,
  primary key (camera_id, code, hour_ms)
);
create index dead_counts_by_hour on dead_counts (hour_ms);
