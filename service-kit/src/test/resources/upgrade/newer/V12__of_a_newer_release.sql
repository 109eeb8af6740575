-- A migration that some newer release brings, numbered below the last one of this release.
alter table inbox add column of_a_newer_release integer;
