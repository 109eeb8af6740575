-- What was deleted. Runs on PostgreSQL and on H2 in PostgreSQL mode.

-- Names that are gone: deleting again is no error, and what never was is still not found.
create table deleted (
  tenant varchar(128) not null,
  name varchar(128) not null,
  primary key (tenant, name)
);

-- Artifacts that deleted models, datasets and jobs have left, until somebody has looked whether anything else still needs them.
create table leftover (
  sha256 char(64) primary key
);
