-- When a trial was asked and told, on the journal's own clock of steps: what a proposal knew can be seen from the journal alone.
-- 0 for trials of a journal that was begun before.
alter table trial add column asked_at integer default 0 not null;
alter table trial add column told_at integer default 0 not null;
alter table trial add column proposal_seconds double precision default 0 not null;
