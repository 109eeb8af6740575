package dev.kogata.kit.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.error.KogataException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What transactions do to each other, on any database. */
abstract class TransactionsContract {
    private final String schema = TestConfig.freshSchema();
    private Database database;

    abstract Map<String, String> settings();

    @BeforeEach
    void open() {
        Map<String, String> all = new HashMap<>(settings());
        all.put("kogata.database.connections", "2");
        all.put("kogata.database.connection-timeout", "PT0.3S");
        database = Database.open(TestConfig.with(all).database(), schema);
        database.withHandle(handle -> handle.execute("create table pair (id varchar(1) primary key, number int not null)")
                + handle.execute("insert into pair values ('a', 0), ('b', 0)"));
    }

    @AfterEach
    void close() {
        database.withHandle(handle -> handle.execute("drop schema " + schema + " cascade"));
        database.close();
    }

    @Test
    void oneThatTheDatabaseGivesUpForADeadlockIsRunAgain() {
        CyclicBarrier bothHaveOne = new CyclicBarrier(2);
        AtomicInteger runs = new AtomicInteger();
        List<CompletableFuture<Void>> both = List.of(twoRows("a", "b", bothHaveOne, runs), twoRows("b", "a", bothHaveOne, runs));
        both.forEach(CompletableFuture::join);
        assertThat(runs).hasValueGreaterThanOrEqualTo(3);
        assertThat(database.<List<Integer>, RuntimeException>withHandle(handle -> handle.createQuery("select number from pair").mapTo(int.class).list())).containsExactly(2, 2);
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Adds to both rows, in this order; the first time it takes its second row only when the other one has its first. */
    private CompletableFuture<Void> twoRows(String first, String second, CyclicBarrier bothHaveOne, AtomicInteger runs) {
        AtomicInteger own = new AtomicInteger();
        return CompletableFuture.runAsync(() -> database.inTransaction(handle -> {
            runs.incrementAndGet();
            add(handle, first);
            if (own.incrementAndGet() == 1) {
                try {
                    bothHaveOne.await();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
            return add(handle, second);
        }), command -> new Thread(command).start());
    }

    private static int add(Handle handle, String id) {
        return handle.execute("update pair set number = number + 1 where id = ?", id);
    }

    @Test
    void whereAllConnectionsAreTakenOneIsToldToTryAgain() throws Exception {
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch taken = new CountDownLatch(2);
        List<CompletableFuture<Void>> holders = Stream.generate(() -> CompletableFuture.runAsync(() -> database.<Boolean, RuntimeException>withHandle(handle -> {
            handle.execute("select 1");
            taken.countDown();
            return awaited(free);
        }), command -> new Thread(command).start())).limit(2).toList();
        taken.await();
        assertThatThrownBy(() -> database.withHandle(handle -> handle.execute("select 1")))
                .isInstanceOfSatisfying(KogataException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE));
        free.countDown();
        holders.forEach(CompletableFuture::join);
        assertThat(database.answers()).isTrue();
    }
}
