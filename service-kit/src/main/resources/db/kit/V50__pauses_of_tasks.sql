-- Until when a waiting task may not be claimed, and until when a full disk or an absent store costs it no attempt. An older release knows neither, and claims at once.
alter table task add column wait_until timestamp with time zone;
alter table task add column patient_until timestamp with time zone;
