-- Each kind is looked for on its own, several times a second.
create index due_by_kind on due (service, kind, due_at_ms);
