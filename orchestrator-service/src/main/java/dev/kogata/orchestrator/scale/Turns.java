package dev.kogata.orchestrator.scale;

import dev.kogata.kit.database.Database;
import java.time.Duration;
import java.time.OffsetDateTime;

/** Which of several orchestrators does what only one may do: a lease by the database's clock. Thread-safe. */
public final class Turns {
    private final Database database;
    private final String owner;
    private final Duration length;

    /**
     * @param owner name of this orchestrator, unique per process
     * @param length how long a turn lasts without being taken again
     */
    public Turns(Database database, String owner, Duration length) {
        this.database = database;
        this.owner = owner;
        this.length = length;
    }

    /** Takes or keeps the turn; false while it is another's. */
    public boolean take(String what) {
        return database.inTransaction(handle -> {
            OffsetDateTime now = handle.createQuery("select current_timestamp").mapTo(OffsetDateTime.class).one();
            handle.createUpdate("insert into turn (name, owner, until_time) values (:name, '', :now) on conflict do nothing").bind("name", what).bind("now", now).execute();
            return handle.createUpdate("update turn set owner = :owner, until_time = :until where name = :name and (owner = :owner or until_time <= :now)")
                    .bind("owner", owner).bind("until", now.plus(length)).bind("name", what).bind("now", now).execute() == 1;
        });
    }
}
