package dev.kogata.kit.database;

import static dev.kogata.kit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.KogataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.h2.jdbcx.JdbcDataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
    @TempDir
    Path folder;

    @Test
    void hasWhatWasCommittedBeforeAKill() throws Exception {
        Path said = folder.resolve("said");
        Process process = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"), Committer.class.getName(), folder.toString()))
                .redirectOutput(said.toFile()).redirectErrorStream(true).start();
        eventually(Duration.ofMinutes(1), () -> assertThat(committed(said)).isGreaterThan(50));
        process.destroyForcibly().waitFor();
        try (Database database = open(folder)) {
            long stored = database.withHandle(handle -> handle.createQuery("select count(*) from inbox").mapTo(long.class).one());
            assertThat(stored).isBetween(committed(said), committed(said) + 1);
        }
    }

    @Test
    void opensAgainAndKeepsServicesApart() {
        try (Database one = open(folder); Database other = Database.open(config(folder).database(), "other")) {
            one.withHandle(handle -> handle.execute("insert into inbox values ('s', '1', current_timestamp)"));
            assertThat(other.<Integer, RuntimeException>withHandle(handle ->
                    handle.createQuery("select count(*) from inbox").mapTo(int.class).one())).isZero();
            assertThat(one.answers()).isTrue();
        }
        try (Database again = open(folder)) {
            assertThat(again.<Integer, RuntimeException>withHandle(handle ->
                    handle.createQuery("select count(*) from inbox").mapTo(int.class).one())).isEqualTo(1);
        }
    }

    /** A service that is being replaced answers its last calls after its database is closed: whoever asks has to ask again, not to give up. */
    @Test
    void whenItIsClosedOneIsToldToTryAgain() {
        Database database = open(folder);
        database.close();
        assertThatThrownBy(() -> database.inTransaction(handle -> handle.execute("select 1")))
                .isInstanceOfSatisfying(KogataException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE));
        assertThatThrownBy(() -> database.withHandle(handle -> handle.execute("select 1")))
                .isInstanceOfSatisfying(KogataException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE));
    }

    @Test
    void takesNoSchemaThatIsNoPlainName() {
        assertThatIllegalArgumentException().isThrownBy(() -> Database.open(config(folder).database(), "x; drop table task"));
    }

    @Test
    void aMigrationThatWasKilledHalfWayIsUndoneAndDoneAgain() {
        JdbcDataSource database = new JdbcDataSource();
        Path file = folder.resolve("half");
        database.setUrl("jdbc:h2:file:" + file + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE");
        Jdbi jdbi = Jdbi.create(database);
        WholeMigration migration = new WholeMigration(database, "s", WholeMigration.file("jdbc:h2:file:" + file));
        Runnable first = () -> jdbi.useHandle(handle -> {
            handle.execute("create schema s");
            handle.execute("create table s.a (number bigint generated always as identity primary key, bytes bytea, said varchar(10) not null unique)");
        });

        // Killed at its very first start, before there was anything.
        assertThatThrownBy(() -> migration.run(() -> {
            first.run();
            throw new Killed();
        })).isInstanceOf(Killed.class);
        migration.undoHalf();
        migration.run(first);
        jdbi.useHandle(handle -> handle.execute("insert into s.a (bytes, said) values (x'00ff', 'one'), (null, 'it''s')"));

        // Killed in the middle of the next one.
        assertThatThrownBy(() -> migration.run(() -> {
            jdbi.useHandle(handle -> {
                handle.execute("create table s.b (x int)");
                handle.execute("alter table s.a add column more int");
                handle.execute("delete from s.a");
            });
            throw new Killed();
        })).isInstanceOf(Killed.class);
        migration.undoHalf();
        migration.undoHalf();
        assertThat(jdbi.<List<Map<String, Object>>, RuntimeException>withHandle(handle -> handle.createQuery("select number, said from s.a order by number").mapToMap().list()))
                .extracting(Map::toString).containsExactly("{number=1, said=one}", "{number=2, said=it's}");
        migration.run(() -> jdbi.useHandle(handle -> handle.execute("create table s.b (x int)")));
        jdbi.useHandle(handle -> handle.execute("insert into s.a (said) values ('next')"));

        // Whole: nothing is left to undo.
        migration.undoHalf();
        assertThat(jdbi.<Long, RuntimeException>withHandle(handle -> handle.createQuery("select max(number) from s.a").mapTo(long.class).one())).isEqualTo(3);
        assertThat(folder).isDirectoryNotContaining(left -> left.toString().contains("before"));
    }

    private static final class Killed extends RuntimeException {}

    private static long committed(Path said) throws IOException {
        try (Stream<String> lines = Files.lines(said)) {
            return lines.filter("committed"::equals).count();
        }
    }

    private static KogataConfig config(Path folder) {
        return TestConfig.with(Map.of("kogata.database.url", "jdbc:h2:file:" + folder.resolve("database")));
    }

    private static Database open(Path folder) {
        return Database.open(config(folder).database(), "test");
    }

    /** Commits one row after the other and says so, until it is killed. */
    static final class Committer {
        private Committer() {}

        public static void main(String[] arguments) {
            Database database = open(Path.of(arguments[0]));
            for (int i = 1;; i++) {
                int number = i;
                database.inTransaction(handle -> handle.execute("insert into inbox values ('s', ?, current_timestamp)", Integer.toString(number)));
                System.out.println("committed");
            }
        }
    }
}
