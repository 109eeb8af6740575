-- Banks of repaired weights that earlier jobs had built, by what they were built from. Runs on PostgreSQL and on H2 in PostgreSQL mode.

create table elastic_weights (
  tenant varchar(128) not null,
  content char(64) not null,                                    -- SHA-256 of model, search set, method and versions
  job varchar(64) not null,                                     -- the job that had it built
  result bytea not null,                                        -- pruner.v1.BuildElasticWeightsResult
  primary key (tenant, content)
);
